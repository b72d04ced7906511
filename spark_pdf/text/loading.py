"""Faces of a worker: the same bytes, at the same place of their design space and changed alike, are one `Face`.

In: bytes of a font file, axis values, `Changes`. Out: the face, made once as long as somebody holds it.
"""

from __future__ import annotations

import weakref
from functools import lru_cache

from spark_pdf.text.face import UNCHANGED, Changes, Face, face_key
from spark_pdf.text.sfnt import plain_sfnt
from spark_pdf.text.variations import Location, instance

_faces: weakref.WeakValueDictionary[str, Face] = weakref.WeakValueDictionary()


def load_face(data: bytes, origin: str = "", changes: Changes = UNCHANGED) -> Face:
    """The face of these bytes; the one that this worker has already, if there is one."""
    plain = plain_sfnt(data, origin)
    face = _faces.get(face_key(plain, changes))
    if face is None:
        face = Face(plain, origin, changes)
        _faces[face.key] = face
    return face


@lru_cache(maxsize=128)
def load_instance(data: bytes, location: Location, origin: str, changes: Changes = UNCHANGED) -> Face:
    """The face of a font file at these places of its axes."""
    return load_face(instance(data, location, origin), origin, changes)


@lru_cache(maxsize=64)
def changed(face: Face, changes: Changes) -> Face:
    """A face like another, with these changes in place of its own."""
    return face if changes == face.changes else load_face(face.data, face.origin, changes)
