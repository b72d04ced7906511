"""What the pages of one document share: fonts, images, graphics states. One /Resources dictionary serves all pages.

In: faces, prepared images and opacities, as drawing meets them. Out: resource names for content streams at once, and
the objects when the document is complete, since only then is it known which glyphs each font shows.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.pdf.embedding import FaceCodes
from spark_pdf.pdf.fonts import FontUse
from spark_pdf.pdf.images import PreparedImage, write_image
from spark_pdf.pdf.numbers import rounded
from spark_pdf.pdf.writer import PdfWriter, ref, syntax
from spark_pdf.text.face import Face


class FaceBook:
    """`FaceCodes` of every face that a worker has met, by the face's key. Bounded by count."""

    __slots__ = ("_codes", "_limit", "_repertoire")

    def __init__(self, repertoire: frozenset[int] | None = None, limit: int = 256) -> None:
        self._codes: dict[str, FaceCodes] = {}
        self._repertoire = repertoire
        self._limit = limit

    def codes(self, face: Face) -> FaceCodes:
        """What encoding needs of this face, remembered."""
        found = self._codes.get(face.key)
        if found is None:
            if len(self._codes) >= self._limit:
                self._codes.pop(next(iter(self._codes)))
            found = self._codes[face.key] = FaceCodes(face, self._repertoire)
        return found


class Resources:
    """The resources of one document, named F1, I1, G1 ... in the order in which drawing asks for them."""

    __slots__ = (
        "_extras",
        "_faces",
        "_forms",
        "_more_states",
        "_number",
        "_objects",
        "cmyk",
        "fonts",
        "images",
        "made",
        "states",
    )

    def __init__(self, faces: FaceBook) -> None:
        self._faces = faces
        self.fonts: dict[str, FontUse] = {}
        self.images: dict[str, tuple[int, PreparedImage]] = {}
        self.states: dict[float, int] = {}
        self._forms: dict[int, int] = {}
        self._more_states: dict[str, int] = {}
        self._extras: dict[str, dict[int, str]] = {}
        self._objects: dict[str, int] = {}
        self._number = 0
        self.cmyk = False
        """Whether any colour is device-cmyk."""
        self.made: dict[object, object] = {}
        """What drawing has made for this document and may need again: gradients, shadows, by value and size."""

    def reference(self, writer: PdfWriter) -> str:
        """The dictionary of these resources, which is put when the document is complete."""
        if not self._number:
            self._number = writer.reserve()
        return ref(self._number)

    def page_group(self) -> dict[str, str] | None:
        """The space that a page is blended in, where something lets something through: viewers may take CMYK, and
        show all of the page duller. Not where colours are CMYK, which would not stay what they are.
        """
        translucent = (
            self._more_states or any(alpha < 1 for alpha in self.states)
            or any(image.alpha is not None for _, image in self.images.values())
        )  # fmt: skip
        return {"S": "/Transparency", "CS": "/DeviceRGB"} if translucent and not self.cmyk else None

    def form(self, number: int) -> bytes:
        """The operator that paints a form XObject."""
        return b"/X%d Do\n" % self._forms.setdefault(number, len(self._forms) + 1)

    def shared(self, writer: PdfWriter, value: dict[str, Any]) -> int:
        """The number of an object that is not a stream, put once for all that are equal."""
        key = syntax(value)
        found = self._objects.get(key)
        if found is None:
            found = self._objects[key] = writer.put(key)
        return found

    def named(self, category: str, letter: str, number: int) -> bytes:
        """The name of an object in a category such as Shading or Pattern."""
        names = self._extras.setdefault(category, {})
        return names.setdefault(number, f"{letter}{len(names) + 1}").encode()

    def state(self, entries: dict[str, Any]) -> bytes:
        """The operator that sets a graphics state of these entries: blend modes, soft masks."""
        key = syntax({"Type": "/ExtGState", **entries})
        return b"/B%d gs\n" % self._more_states.setdefault(key, len(self._more_states) + 1)

    def font(self, face: Face) -> FontUse:
        """The use that this document makes of a face."""
        use = self.fonts.get(face.key)
        if use is None:
            use = self.fonts[face.key] = FontUse(self._faces.codes(face), len(self.fonts) + 1)
        return use

    def forget(self) -> None:
        """Bound what fonts remember of runs; for the end of a page."""
        for use in self.fonts.values():
            use.forget()

    def image(self, image: PreparedImage) -> bytes:
        """The operator that paints an image in the unit square."""
        entry = self.images.get(image.key)
        if entry is None:
            entry = self.images[image.key] = (len(self.images) + 1, image)
        return b"/I%d Do\n" % entry[0]

    def opacity(self, alpha: float) -> bytes:
        """The operator that sets the constant alpha of fills and strokes."""
        alpha = min(max(rounded(alpha, 3), 0.0), 1.0)
        number = self.states.setdefault(alpha, len(self.states) + 1)
        return b"/G%d gs\n" % number

    def write(self, writer: PdfWriter) -> str:
        """Put fonts, images and states, and the dictionary that names them; returns the reference to it."""
        reference = self.reference(writer)
        images = {f"I{index}": ref(write_image(writer, image)) for index, image in self.images.values()}
        images |= {f"X{index}": ref(form) for form, index in self._forms.items()}
        states = {
            f"G{index}": ref(writer.put({"Type": "/ExtGState", "ca": alpha, "CA": alpha}))
            for alpha, index in self.states.items()
        }
        states |= {f"B{index}": state for state, index in self._more_states.items()}
        fonts = {f"F{use.number}": ref(use.write(writer)) for use in self.fonts.values() if use.used}
        extras = {
            category: {name: ref(number) for number, name in names.items()} for category, names in self._extras.items()
        }
        writer.put(
            {"Font": fonts or None, "XObject": images or None, "ExtGState": states or None, **extras}, self._number
        )
        return reference
