"""Shadings: functions of stops, and one object for equal ones."""

from __future__ import annotations

from spark_pdf.layout.values import Color
from spark_pdf.pdf.resources import FaceBook, Resources
from spark_pdf.pdf.shadings import alpha_shading, color_shading, is_translucent, shading_pattern
from spark_pdf.pdf.writer import PdfWriter

RED, BLUE = Color("srgb", (1.0, 0.0, 0.0)), Color("srgb", (0.0, 0.0, 1.0), 0.5)
CYAN = Color("device-cmyk", (1.0, 0.0, 0.0, 0.0))
LINE = (0.0, 0.0, 10.0, 0.0)


def made() -> tuple[Resources, PdfWriter]:
    return Resources(FaceBook()), PdfWriter()


def test_two_stops_are_one_exponential_function():
    resources, writer = made()
    number = color_shading(resources, writer, False, LINE, [(0.0, RED), (1.0, BLUE)])
    body = writer._bodies[number].decode()
    assert "/ShadingType 2" in body
    assert "/C0 [1 0 0]" in body
    assert "/C1 [0 0 1]" in body
    assert "/FunctionType 3" not in body


def test_offsets_are_padded_and_a_jump_has_no_piece_of_its_own():
    resources, writer = made()
    stops = [(0.25, RED), (0.5, RED), (0.5, BLUE), (0.75, BLUE)]
    body = writer._bodies[color_shading(resources, writer, True, (0, 0, 0, 0, 0, 5), stops)].decode()
    assert "/ShadingType 3" in body
    assert "/Bounds [0.25 0.5 0.75]" in body
    assert body.count("/FunctionType 2") == 4


def test_cmyk_stays_cmyk_only_where_all_stops_are():
    resources, writer = made()
    alone = writer._bodies[color_shading(resources, writer, False, LINE, [(0.0, CYAN), (1.0, CYAN)])].decode()
    mixed = writer._bodies[color_shading(resources, writer, False, LINE, [(0.0, CYAN), (1.0, RED)])].decode()
    assert "/DeviceCMYK" in alone
    assert "/DeviceRGB" in mixed
    assert "/C0 [0 1 1]" in mixed


def test_alpha_is_a_grey_shading_and_equal_ones_are_one():
    resources, writer = made()
    stops = [(0.0, RED), (1.0, BLUE)]
    assert is_translucent(stops)
    assert not is_translucent(stops[:1])
    first, second = (alpha_shading(resources, writer, False, LINE, stops) for _ in range(2))
    assert first == second
    assert "/DeviceGray" in writer._bodies[first].decode()
    names = {shading_pattern(resources, writer, first, (1, 0, 0, 1, 0, 0)) for _ in range(2)}
    assert names == {b"P1"}
