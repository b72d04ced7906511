"""The public door: a template from anywhere, and a document for a record, without Spark and without Java."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spark_pdf.model import Limits, Record, RenderWarning, Rendition
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.contract import Contract

if TYPE_CHECKING:
    from spark_pdf.config import StoreOptions


class Template:
    """A template bundle, ready to render.

        template = Template.load("examples/invoice")
        rendition = template.render(record)        # .pdf .pages .sha256 .warnings

    Rendering is pure: the same record gives the same bytes, whatever was rendered before. One `Template` serves one
    thread.
    """

    def __init__(self, bundle: Bundle, limits: Limits | None = None) -> None:
        """`Template.load` is the usual way in; a `Bundle` that is loaded already can be given here."""
        self._bundle = bundle
        self._renderer = Renderer(bundle, limits or Limits())

    @classmethod
    def load(cls, source: str | Path, *, limits: Limits | None = None, options: StoreOptions | None = None) -> Template:
        """The bundle at a path (a folder or a `.zip`) or at an object store's URI, which `options` say how to reach.

        Raises `BundleError` or `TemplateError` (with file and line) where the bundle is wrong, `StoreError` where the
        store fails.
        """
        if isinstance(source, Path) or "://" not in source:
            return cls(Bundle.load(source), limits)
        # object stores, and the models of their settings, are for those who ask for them
        from spark_pdf.config import StoreOptions
        from spark_pdf.template.loading import load_bundle

        return cls(load_bundle(source, options or StoreOptions()), limits)

    def render(self, record: Record, document_id: str = "") -> Rendition:
        """The document of one record. `document_id` names it in errors.

        Raises `DocumentError` for whatever is the record's own fault (`code` says which kind), `LimitExceeded` among
        them.
        """
        return self._renderer.render(record, document_id)

    @property
    def contract(self) -> Contract:
        """The fields that the template needs from a record. Raises `TemplateError` where it cannot be parsed."""
        return self._bundle.contract

    @property
    def warnings(self) -> tuple[RenderWarning, ...]:
        """What is to be said of the bundle itself so far: unknown CSS, fonts that stand in for others. Each once."""
        return self._renderer.warnings

    @property
    def hash(self) -> str:
        """SHA-256 of the bundle's content, in hex."""
        return self._bundle.hash

    @property
    def bundle(self) -> Bundle:
        """The bundle itself."""
        return self._bundle

    def sample(self) -> Record | None:
        """The record in the bundle's `sample.json`, or None."""
        return self._bundle.sample()

    def __repr__(self) -> str:
        return f"<Template {self._bundle.name} {self._bundle.hash[:12]}>"
