"""Bytes and keys in; objects, packs and byte ranges out; conditional creates that are made sure of.

    objects.py      open_store(uri, options) -> ObjectStore      read, write, create, list, delete, writer, probe
                    output_store(config)                         the one that a config's runs write to
    options.py      resolve(options) -> ResolvedOptions          secrets looked up on the driver, masked, picklable
    locations.py    RunLocations(run_id)                         every key of a run
    keys.py         KeyTemplate("{a}/{document_id}")             a record's document key, sanitised
    packs.py        PackWriter                                   documents into stored zips, by multipart
    uploads.py      UploadPool, ObjectWriter                     threads that upload while the caller renders
    documents.py    read_document(uri, offset, length)           what the manifest points to
    local.py memory.py remote.py aws.py                          the kinds of store below `objects`

The only importer of obstore and boto3.
"""

from spark_pdf.store.objects import (
    MultipartWriter,
    ObjectInfo,
    ObjectStore,
    ResolvedOptions,
    open_store,
    output_store,
    resolve,
)

__all__ = ["MultipartWriter", "ObjectInfo", "ObjectStore", "ResolvedOptions", "open_store", "output_store", "resolve"]
