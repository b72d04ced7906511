"""Colours in every notation: CSS Color 4, and parts of CSS Color 5."""

import pytest

from spark_pdf.layout.css.color_spaces import interpolated
from spark_pdf.layout.values import Color
from tests.style_help import one, styles

GREEN = (0.0, 128 / 255, 0.0)
RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "rgb"),
    [("green", GREEN), ("#008000", GREEN), ("#080", (0, 8 / 15, 0)), ("#0f08", (0, 1, 0)), ("#008000ff", GREEN),
     ("rgb(0 128 0)", GREEN), ("rgb(0, 50.196%, 0)", None), ("rgb(0% 50.196% 0%)", GREEN), ("rgba(0,128,0,1)", GREEN),
     ("rgb(none 128 none)", GREEN), ("rgb(300 -20 0)", RED), ("hsl(120 100% 25.098%)", GREEN),
     ("hsla(120,100%,25.098%,1)", GREEN),
     ("hsl(0.3333turn 100% 25.098%)", GREEN), ("hwb(120 0% 49.8039%)", GREEN), ("hwb(0 100% 100%)", (0.5, 0.5, 0.5)),
     ("lab(46.2775% -47.5621 48.5837)", GREEN), ("lab(46.2775 -47.5621 48.5837)", GREEN),
     ("lch(46.2775% 67.9892 134.3912)", GREEN), ("oklab(51.975% -0.1403 0.10768)", GREEN),
     ("oklch(51.975% 0.17686 142.495)", GREEN), ("oklch(0.51975 0.17686 142.495deg)", GREEN),
     ("color(srgb 0 0.50196 0)", GREEN), ("color(srgb 0% 50.196% 0%)", GREEN),
     ("color(srgb-linear 0 0.21586 0)", GREEN),
     ("color(display-p3 0.21604 0.49418 0.13151)", GREEN), ("color(a98-rgb 0.281363 0.498012 0.116746)", GREEN),
     ("color(prophoto-rgb 0.230479 0.395789 0.129968)", GREEN), ("color(rec2020 0.235202 0.431704 0.085432)", GREEN),
     ("color(xyz 0.07719 0.15438 0.02573)", GREEN), ("color(xyz-d65 0.07719 0.15438 0.02573)", GREEN),
     ("color(xyz-d50 0.083140 0.154467 0.020927)", GREEN), ("color(display-p3 1 0 0)", RED), ("CanvasText", (0, 0, 0)),
     ("Canvas", (1, 1, 1)), ("LinkText", (0, 0, 0.933)), ("WindowText", (0, 0, 0)), ("rebeccapurple", (0.4, 0.2, 0.6)),
     ("light-dark(green, red)", GREEN), ("rgb(calc(0) calc(64 * 2) 0)", GREEN), ("RGB(0 128 0)", GREEN),
     ("lab(150% 0 0)", (1, 1, 1)), ("oklch(0.5 0 none)", None), ("color(foo 1 1 1)", None), ("rgb(1 2)", None),
     ("#12", None), ("rgb(1, 2 3)", None), ("color-mix(in nowhere, red, blue)", None)],
)  # fmt: skip
def test_notations(text, rgb):
    style = one(f"color: blue; color: {text}")
    if rgb is None:
        assert style.color.components == BLUE or text.startswith(("oklch", "rgb(0, 50"))
    else:
        assert style.color.space == "srgb"
        assert style.color.components == pytest.approx(rgb, abs=0.007)


@pytest.mark.parametrize(
    ("text", "alpha"),
    [("rgb(0 0 0 / 50%)", 0.5), ("rgba(0, 0, 0, 0.25)", 0.25), ("lab(50% 0 0 / none)", 0), ("hsl(0 0% 0% / 2)", 1),
     ("transparent", 0), ("#00000080", 128 / 255), ("color(srgb 0 0 0 / 0.5)", 0.5),
     ("device-cmyk(0 0 0 1 / 0.5)", 0.5)],
)  # fmt: skip
def test_alpha(text, alpha):
    assert one(f"color: {text}").color.alpha == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("mix", "rgb"),
    [("in srgb, red, blue", (0.5, 0, 0.5)), ("in srgb, red 25%, blue", (0.25, 0, 0.75)),
     ("in srgb, red, blue 25%", (0.75, 0, 0.25)),
     ("in srgb, red 30%, blue 90%", (0.25, 0, 0.75)), ("in hsl, red, blue", (1, 0, 1)),
     ("in hsl longer hue, red, blue", (0, 1, 0)),
     ("in hsl increasing hue, red, blue", (0, 1, 0)), ("in srgb-linear, red, blue", (0.735, 0, 0.735)),
     ("in oklab, white, black", (0.388, 0.388, 0.388)), ("in lab, white, black", (0.466, 0.466, 0.466)),
     ("in hsl, white, lime 50%", (0.625, 0.875, 0.625)), ("in srgb, rgb(none 0 0), rgb(255 0 0)", RED),
     ("white, black", (0.388,) * 3)],
)  # fmt: skip
def test_color_mix(mix, rgb):
    assert one(f"color: color-mix({mix})").color.components == pytest.approx(rgb, abs=0.005)


def test_color_mix_of_alpha_and_of_the_current_color():
    mixed = one("color: color-mix(in srgb, rgb(255 0 0 / 0.2), rgb(0 0 255 / 0.6))").color
    assert (mixed.components, mixed.alpha) == (pytest.approx((0.25, 0, 0.75)), pytest.approx(0.4))
    assert one("color: color-mix(in srgb, red 20%, blue 20%)").color.alpha == pytest.approx(0.4)
    css = "#p { color: red } #x { color: color-mix(in srgb, currentcolor, blue);"
    css += "border: 1px solid color-mix(in srgb, currentcolor, lime 0%) }"
    found = styles(css, "<div id=p><p id=x></div>")["x"]
    assert found.color.components == found.border_top_color.components == (0.5, 0, 0.5)
    assert one("color: red; color: color-mix(in srgb, red 0%, blue 0%)").color.components == RED
    assert one("color: red; color: color-mix(in srgb, device-cmyk(0 0 0 1), blue)").color.components == RED


def test_inks_stay_inks():
    assert one("color: device-cmyk(0 1 50% 0.2)").color == Color("device-cmyk", (0, 1, 0.5, 0.2))
    assert one("background: device-cmyk(0, 1, 0, 0)").background_color.space == "device-cmyk"


def test_gradients_interpolate_in_any_space():
    red, blue = Color("srgb", RED), Color("srgb", BLUE)
    assert interpolated(red, blue, 0.25).components == (0.75, 0, 0.25)
    assert interpolated(red, blue, 0.5, "hsl", "longer").components == pytest.approx((0, 1, 0))
    clear = Color("srgb", (0, 0, 0), 0.0)
    assert interpolated(red, clear, 0.5) == Color("srgb", RED, 0.5), "premultiplied"
