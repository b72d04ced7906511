"""`details` as paper shows it (HTML, 15.5.4), and elements that are not laid out as what they are.

In: an element. Out: the part of its content that is seen; a warning, once per document, where MathML, ruby or a frame
is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from spark_pdf.layout.generation.flow import Flow
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style


def seen(details: Element) -> list[Element | str]:
    """The content of a `details`: its summary first, and nothing else where it is closed."""
    children = details.children
    first: Element | str | None = None
    for child in children:
        if isinstance(child, Element) and child.tag == "summary":
            first = child
            break
    is_open = "open" in details.attributes
    if first is None:
        return children if is_open else ["\u25ba Details"]
    if not is_open:
        return [first]
    return [first, *[child for child in children if child is not first]]


def shown_as_content(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    """MathML and ruby: their content stands in the text as that of any element."""
    _report(generator, element)
    return False


def left_out(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    """A frame would have to be read from outside of the bundle."""
    _report(generator, element)
    return True


def _report(generator: Generator, element: Element) -> None:
    generator.warn(RenderWarning("unsupported_element", f"<{element.tag}> is not laid out as such"))
