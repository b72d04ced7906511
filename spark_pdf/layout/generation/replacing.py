"""Elements that are more than boxes: images, SVG, embedded objects, and form controls as static pictures (HTML, 15.4
and 15.5).

In: an element whose tag is in `SPECIAL`, met by the `Generator`. Out: boxes, put into its flow. What cannot be shown
is shown as its fallback: `alt`, or the element's content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import BlockBox, ReplacedBox, anonymous
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation.candidates import candidates
from spark_pdf.layout.generation.disclosure import left_out, shown_as_content
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.html.parsing import text_of
from spark_pdf.layout.images import Image
from spark_pdf.layout.values import Color, Percentage, Url

if TYPE_CHECKING:
    from spark_pdf.layout.generation.flow import Flow
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style

ACCENT = Color("srgb", (0.0, 0.459, 1.0))
_PLACEHOLDER = Color("srgb", (0.459, 0.459, 0.459))
_METER = {
    "good": Color("srgb", (0.063, 0.486, 0.063)), "fair": Color("srgb", (1.0, 0.725, 0.0)),
    "poor": Color("srgb", (0.847, 0.231, 0.004)),
}  # fmt: skip
_BUTTONS = {"submit": "Submit", "reset": "Reset", "button": ""}
_DOT = "\u2022"


def place_special(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    """Put the boxes of a special element into the flow; False: it is an ordinary one after all."""
    return SPECIAL[element.tag](generator, element, style, flow, context)


# Images


def _img(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    image = _best(generator, element)
    if image is None:
        alternative(generator, element, style, flow, context)
    else:
        _show(generator, image, element, style, flow, context)
    return True


def _best(generator: Generator, element: Element) -> Image | None:
    attributes, parent = element.attributes, element.parent
    base = generator.stylist.base
    if "srcset" not in attributes and (parent is None or parent.tag != "picture"):
        return generator.image(Url(attributes.get("src", ""), base))
    for url, density in candidates(element, generator.stylist.media_matches, generator.stylist.viewport[0]):
        image = generator.image(Url(url, base))
        if image is not None:
            return image if density == 1.0 else _denser(image, density)
    return None


def _denser(image: Image, density: float) -> Image:
    """An image that so many pixels of make one px."""
    if image.vector is not None:
        return image
    return replace(image, width=image.width / density, height=image.height / density)


def _show(generator: Generator, image: Image, element: Element, style: Style, flow: Flow, context: Context) -> None:
    if style.image_orientation == "none":
        image = image.as_stored()
    box = ReplacedBox(style, element, image)
    box.link = context.link
    box.page = context.page
    generator.put(box, style, flow, context)


def alternative(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> None:
    """The `alt` text of an image that is not there (HTML, 15.4.2)."""
    alt = element.attributes.get("alt", "")
    if style.display == "inline" or not alt:
        flow.open(style, element, context.link)
        flow.text(alt, style, element, context)
        flow.close()
    else:
        generator.put(_text_box(generator, alt, element, style, context), style, flow, context)


def _svg(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    if generator.vectors is None:
        return False
    image = generator.vectors.image(element, style, context.language)
    _show(generator, image, element, style, flow, context)
    return True


def _embedded(name: str) -> Handler:
    """An element that shows the image of an attribute, or else its content."""

    def handle(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
        url = element.attributes.get(name, "").strip()
        kind = element.attributes.get("type", "image/").strip().lower()
        image = generator.image(Url(url, generator.stylist.base)) if url and kind.startswith("image/") else None
        if image is None:
            return False
        _show(generator, image, element, style, flow, context)
        return True

    return handle


# Form controls


def _input(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    attributes = element.attributes
    kind = attributes.get("type", "text").strip().lower()
    if kind == "image":
        return _img(generator, element, style, flow, context)
    if kind in ("checkbox", "radio"):
        return False  # the user agent's style sheet draws them
    if kind == "range":
        _bar(generator, element, style, flow, context, _range_fraction(element), ACCENT)
        return True
    if kind == "color":
        value = attributes.get("value", "#000000")
        _bar(generator, element, style, flow, context, 1.0, _hex(value))
        return True
    text = attributes.get("value", "")
    if kind in _BUTTONS:
        text = text if "value" in attributes else _BUTTONS[kind]
    elif kind == "password":
        text = _DOT * len(text)
    elif kind == "file":
        text = "No file chosen"
    if not text and attributes.get("placeholder") and kind not in _BUTTONS:
        text, style = attributes["placeholder"], style
        box = _text_box(generator, text, element, style, context, _pale(style))
    else:
        box = _text_box(generator, text, element, style, context)
    generator.put(box, style, flow, context)
    return True


def _select(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    attributes = element.attributes
    if "multiple" in attributes or attributes.get("size", "1").strip() not in ("", "0", "1"):
        return False
    chosen = ""
    first = True
    for option in _options(element):
        if "selected" in option.attributes or (first and "disabled" not in option.attributes):
            chosen = option.attributes.get("label") or " ".join(text_of(option).split())
            first = False
    generator.put(_text_box(generator, chosen, element, style, context), style, flow, context)
    return True


def _options(element: Element) -> list[Element]:
    found: list[Element] = []
    for child in element.children:
        if isinstance(child, Element):
            if child.tag == "option":
                found.append(child)
            elif child.tag == "optgroup":
                found += _options(child)
    return found


def _textarea(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    placeholder = element.attributes.get("placeholder", "")
    if text_of(element) or not placeholder:
        return False
    generator.put(_text_box(generator, placeholder, element, style, context, _pale(style)), style, flow, context)
    return True


def _progress(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    most = _number(element, "max", 1.0)
    most = most if most > 0 else 1.0
    fraction = min(max(_number(element, "value", 0.0), 0.0), most) / most
    _bar(generator, element, style, flow, context, fraction, ACCENT)
    return True


def _meter(generator: Generator, element: Element, style: Style, flow: Flow, context: Context) -> bool:
    fraction, how = meter_state(element)
    _bar(generator, element, style, flow, context, fraction, _METER[how])
    return True


def meter_state(element: Element) -> tuple[float, str]:
    """How full a gauge is, and whether that is good, fair or poor (HTML, 4.10.14)."""
    least = _number(element, "min", 0.0)
    most = max(_number(element, "max", 1.0), least)
    value = min(max(_number(element, "value", 0.0), least), most)
    low = min(max(_number(element, "low", least), least), most)
    high = min(max(_number(element, "high", most), low), most)
    optimum = min(max(_number(element, "optimum", (least + most) / 2), least), most)
    fraction = (value - least) / (most - least) if most > least else 0.0
    region = 0 if value < low else 2 if value > high else 1
    best = 0 if optimum < low else 2 if optimum > high else 1
    return fraction, ("good", "fair", "poor")[abs(region - best)]


def _range_fraction(element: Element) -> float:
    least = _number(element, "min", 0.0)
    most = _number(element, "max", 100.0)
    value = _number(element, "value", (least + most) / 2)
    return min(max((value - least) / (most - least), 0.0), 1.0) if most > least else 0.0


def _number(element: Element, name: str, default: float) -> float:
    try:
        value = float(element.attributes.get(name, ""))
    except ValueError:
        return default
    return value if -1e12 < value < 1e12 else default


def _hex(text: str) -> Color:
    digits = text.strip().lstrip("#")
    try:
        value = int(digits, 16) if len(digits) == 6 else 0
    except ValueError:
        value = 0
    return Color("srgb", ((value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255))


def _pale(style: Style) -> Style:
    """The style of a placeholder's text."""
    kept = derived(style)
    found = kept.get("placeholder")
    if found is None:
        found = kept["placeholder"] = anonymous(style, "inline").replace(color=_PLACEHOLDER)
    return found  # type: ignore[return-value]


def _text_box(
    generator: Generator, text: str, element: Element, style: Style, context: Context, shown: Style | None = None
) -> BlockBox:
    """A block container of one text, in its own style or in `shown`; one without text has a line's baseline."""
    from spark_pdf.layout.generation.flow import Flow

    box = BlockBox(style, element, root=True)
    inner = Flow(generator, style)
    if text:
        inner.text(text, shown or style, element, context._replace(decorations=(), link=""))
    else:
        inner.newline()
    inner.fill_box(box)
    box.page = context.page
    return box


def _bar(
    generator: Generator, element: Element, style: Style, flow: Flow, context: Context, fraction: float, color: Color
) -> None:
    """A box that is filled from its start to a fraction of its width."""
    box = BlockBox(style, element, root=True)
    box.page = context.page
    if fraction > 0:
        accent = style.accent_color
        shown = accent if isinstance(accent, Color) and color is ACCENT else color
        filled = anonymous(style, "block").replace(
            width=Percentage(fraction), height=Percentage(1.0), background_color=shown
        )
        box.children = [BlockBox(filled, None, root=True)]
    generator.put(box, style, flow, context)


Handler = Callable[["Generator", Element, "Style", "Flow", "Context"], bool]

SPECIAL: dict[str, Handler] = {
    "img": _img,
    "svg": _svg,
    "object": _embedded("data"),
    "embed": _embedded("src"),
    "video": _embedded("poster"),
    "input": _input,
    "select": _select,
    "textarea": _textarea,
    "progress": _progress,
    "meter": _meter,
    "math": shown_as_content,
    "ruby": shown_as_content,
    "iframe": left_out,
}
