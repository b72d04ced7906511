"""Document ids, keys, places of stores and configs: what leads out, clashes, or is no name."""

from __future__ import annotations

from spark_pdf.config import StoreOptions, load_config
from spark_pdf.store import open_store
from spark_pdf.store.keys import MAX_BYTES, KeyTemplate
from tests.hostile import scratch
from tests.hostile.case import Corpus

CORPUS = Corpus("key")
IDS = {
    "up": "../../etc/passwd", "absolute": "/etc/passwd", "backslash": "..\\..\\x", "NUL": "a\0b", "slashes": "a//b///c", "dot": ".", "dots": "..", "dots with spaces": " .. ", "long": "x" * 2000, "long in bytes": "\u4e2d" * 2000, "empty": "", "blank": "   ", "line feed": "a\nb", "surrogate": "a\ud800", "bidi": "\u202efdp.exe", "colon": "C:x", "device": "CON",
    "percent": "%2e%2e%2f", "query": "a?b#c", "star": "*", "quote": "a'b\"c", "dollar": "$(id)`id`${x}", "trailing dot": "a.", "leading dot": ".hidden", "hyphen": "-rf", "emoji": "\U0001f600", "combining": "e\u0301", "zero width": "a\u200bb", "fullwidth dots": "\uff0e\uff0e\uff0f", "pdf": "a.pdf", "tilde": "~root", "equals": "a=b,c=d", "brace": "{document_id}",
}  # fmt: skip
CONFIGS: list[str] = []
PAIRS = {
    "case": ("Invoice", "invoice"), "normal form": ("\u00e9", "e\u0301"), "compatibility": ("\ufb01", "fi"), "sharp s": ("STRASSE", "stra\u00dfe"), "dotless i": ("I", "\u0131"), "Kelvin": ("K", "\u212a"), "space": ("a b", "a_b"), "trailing space": ("a", "a "), "dots": ("..", "__"), "slash": ("a/b", "a_b"), "NUL": ("a\0", "a"), "long": ("x" * 2000, "x" * 2001), "long tail": ("x" * 2000 + "a", "x" * 2000 + "b"),
    "zero width": ("a\u200b", "a"), "number": ("1", "01"), "percent": ("%61", "a"), "surrogates": ("\ud800", "\ud801"), "hash-like": ("a", "a-ca978112"), "trailing dot": ("a", "a."), "final sigma": ("\u03c3", "\u03c2"), "mixed": ("A\u0301", "\u00e1"), "line feed": ("a\n", "a"), "soft hyphen": ("a\u00ad", "a"),
}  # fmt: skip


def one(template: str, document_id: str) -> None:
    key = KeyTemplate(template).key({"f": document_id, "n": 1}, document_id)
    parts = key.split("/")
    assert len(key.encode()) <= MAX_BYTES
    assert ".." not in parts
    assert "." not in parts
    assert "" not in parts
    assert not set(key) & set('\\\0\n\r?#*"$`{}')
    assert not key.startswith(("/", "~"))


def two(document_ids: tuple[str, str]) -> None:
    keys = [KeyTemplate("{document_id}", fold_case=True).key({}, document_id) for document_id in document_ids]
    assert keys[0].casefold() != keys[1].casefold()


for name, document_id in IDS.items():
    for template in ("{document_id}", "x/{f}/{document_id}"):
        CORPUS.does(f"{template}: {name}", "document or key", lambda t=template, i=document_id: one(t, i))
for name, pair in PAIRS.items():
    CORPUS.does(f"twins: {name}", "document", lambda pair=pair: two(pair))


for uri in (
    "http://127.0.0.1/x", "ftp://127.0.0.1/", "hdfs://x/", "dbfs:/x", "s3://", "s3:///x", "s3://a b/c", "s3://../x", "javascript:1", "s3://user:secret@bucket/x", "gs://a@b/c", "s3://bucket/../x", "s3://bucket/a/../../x",
    "s3://bucket/\0", "s3://" + "a" * 5000, "s3://bucket/a\nb", "s3://[::1]/x", "s3://-x/y", "abfss://x/y", "az://a%2fb/c", "s3://a?b/c", "s3://a#b", "s3://\u202ea/b",
):  # fmt: skip
    CORPUS.does(f"store {uri!r:.40}", "UnsupportedError", lambda uri=uri: open_store(uri, StoreOptions()))
for name, text in {
    "nothing": "", "a list": "- a", "a tag of Python": "a: !!python/object/apply:os.system ['id']", "aliases that grow": "a: &a [x,x]\n" + "\n".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'},*{'a' if n == 0 else f'b{n - 1}'}]" for n in range(40)), "an alias of itself": "a: &a [*a]", "deep": "[" * 1500, "deep maps": "{a: " * 1500, "no YAML": "a: b: c: [", "NUL": "a: \0", "a long number": "name: " + "9" * 10_000,
    "unknown keys": "nmae: x", "twins": "name: a\nname: b", "a date": "name: 2026-99-99", "binary": "name: !!binary aGk=", "merge": "<<: [1]", "an anchor": "name: *x", "lone surrogate": 'name: "\\ud800"',
}.items():  # fmt: skip
    CONFIGS.append(text)
    CORPUS.does(f"config: {name}", "ConfigError", lambda text=text: load_config([scratch.folder / file_of(text)]))


def file_of(text: str) -> str:
    return f"{CONFIGS.index(text)}.yaml"


def write_configs() -> None:
    """Before anything is guarded."""
    for text in CONFIGS:
        (scratch.folder / file_of(text)).write_text(text)
