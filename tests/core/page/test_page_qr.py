"""A text as a QR code: an SVG that draws exactly the modules of the code, within a quiet border."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from rushes.errors import RushesError
from rushes.page.qr import BORDER, LONGEST, qr_svg

LINK = "https://next.frame.io/device?user_code=482913"
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(svg: bytes) -> set[tuple[int, int]]:
    """The dark modules: the one stroked path moves by m (relative after the first) and draws by h."""
    root = ET.fromstring(svg)
    [lines] = [path for path in root.iter(f"{SVG}path") if path.get("stroke")]
    column, row = 0.0, 0.0
    dark = set()
    for word, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", lines.get("d") or ""):
        if word == "M":
            column, row = float(first), float(second)
        elif word == "m":
            column, row = column + float(first), row + float(second)
        else:
            dark |= {(int(column) + at, int(row)) for at in range(int(first))}
            column += float(first)
    return dark


def test_it_draws_the_modules_of_the_code_within_the_border():
    modules = segno.make(LINK, error="m", micro=False).matrix
    wanted = {
        (column + BORDER, row + BORDER)
        for row, line in enumerate(modules)
        for column, on in enumerate(line)
        if on
    }
    svg = qr_svg(LINK)
    assert _drawn(svg) == wanted
    side = len(modules) + 2 * BORDER
    assert f'viewBox="0 0 {side} {side}"'.encode() in svg


def test_it_is_black_on_white_whatever_the_page_is():
    svg = qr_svg(LINK)
    assert b'stroke="#000"' in svg
    assert b'fill="#fff"' in svg


def test_what_looks_like_markup_stays_a_text():
    assert b"script" not in qr_svg("</svg><script>alert(1)</script>")


@pytest.mark.parametrize("text", ["", "x" * (LONGEST + 1), "\ud800"])
def test_what_cannot_be_one_is_refused_in_a_line(text):
    with pytest.raises(RushesError) as refused:
        qr_svg(text)
    assert "\n" not in str(refused.value)


async def test_who_is_signed_in_gets_one_as_a_picture(inside):
    answer = await inside.get("/qr?text=https%3A%2F%2Fframe.io%2Fpair%3Fcode%3D482913")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.body == qr_svg("https://frame.io/pair?code=482913")
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_else_does(browser):
    assert (await browser.get("/qr?text=x")).status == 401


@pytest.mark.parametrize("query", ["", "?text=", "?text=" + "x" * 2000, "?text", "?" + "a&" * 500])
async def test_what_is_asked_wrongly_is_refused_in_a_line(inside, query):
    answer = await inside.get(f"/qr{query}")
    assert answer.status == 422
    assert answer.document["error"].startswith("a QR code takes 1 to 500 characters, not ")


async def test_bytes_that_are_no_text_are_no_bug(inside):
    assert (await inside.get("/qr?text=%ff%fe%00")).status == 200
