"""Legends of fieldsets (HTML, 15.3.13): in, a fieldset's box with all that it contains; out, its legend apart."""

from __future__ import annotations

from spark_pdf.layout.boxes import BlockBox, FieldsetBox


def take_legend(box: FieldsetBox) -> None:
    """Make the first `<legend>` in flow the one that stands in the border: as wide as it needs, where `align` says."""
    for index, child in enumerate(box.children):
        if type(child) is BlockBox and child.node is not None and child.node.tag == "legend":
            if child.node.parent is not box.node:
                continue
            values: dict[str, object] = {"width": "fit-content"} if child.style.width == "auto" else {}
            side = child.node.attributes.get("align", "").strip().lower()
            if side in ("center", "right"):
                values["margin_left"] = "auto"
            if side == "center":
                values["margin_right"] = "auto"
            child.root = True
            child.style = child.style.replace(**values)
            box.legend = child
            del box.children[index]
            return
