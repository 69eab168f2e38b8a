"""Tables and corrections: what they are, and one line about what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rushes_media import looks
from rushes_media.look import look
from rushes_media.looks.values import Correction

CC = """<ColorCorrection id="{id}"><SOPNode><Slope>1.1 1 0.9</Slope><Offset>0.01 0 -0.01</Offset>
<Power>1 1.2 1</Power></SOPNode><SatNode><Saturation>0.8</Saturation></SatNode></ColorCorrection>"""
LIST = "<?xml version='1.0'?><ColorDecisionList xmlns='urn:ASC:CDL:v1.01'>{}</ColorDecisionList>"
VALUES = {
    "slope": (1.1, 1.0, 0.9),
    "offset": (0.01, 0.0, -0.01),
    "power": (1.0, 1.2, 1.0),
    "saturation": 0.8,
}


@pytest.fixture
def read(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return looks.read(path)

    return write


CUBE = ["0 0 0", "1 0 0", "0 1 0", "1 1 0", "0 0 1", "1 0 1", "0 1 1", "1 1 1"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cube_of_every_computer(read, end):
    told = read("a.cube", end.join(['\ufeffTITLE "Day Ext"', "# a", "", "LUT_3D_SIZE\t2", *CUBE, "# b"]))
    assert (told.kind, told.title, told.size, told.problem) == ("cube", "Day Ext", 2, "")
    assert (told.table.type, told.table.low, told.table.high) == ("3D", (0, 0, 0), (1, 1, 1))


def test_a_shaper_before_a_cube(read):
    head = ["LUT_1D_SIZE 2", "LUT_1D_INPUT_RANGE -0.1 3", "LUT_3D_SIZE 2", "LUT_3D_INPUT_RANGE 0 2"]
    told = read("a.cube", "\n".join([*head, "0 0 0", "1 1 1", *CUBE]))
    assert not told.problem
    assert (told.size, told.table.type, told.table.shaper) == (2, "1D+3D", 2)
    assert (told.table.shaper_low, told.table.shaper_high, told.table.high) == (-0.1, 3.0, (2, 2, 2))


def test_a_domain_for_each_colour(read):
    told = read("a.cube", "LUT_1D_SIZE 2\nDOMAIN_MIN -1 0 0\nDOMAIN_MAX 1 2 3\n0 0 0\n1e0 1. .5\n")
    assert (told.table.type, told.table.low, told.table.high) == ("1D", (-1, 0, 0), (1, 2, 3))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("hello", "not a cube: neither LUT_1D_SIZE nor LUT_3D_SIZE in it"),
        ("0 0 0", "line 1: a colour before LUT_1D_SIZE or LUT_3D_SIZE"),
        ("LUT_3D_SIZE 2\n0 0 0", "truncated: holds 1 of the 8 colours that LUT_3D_SIZE 2 means"),
        (
            "\n".join(["LUT_3D_SIZE 2", *CUBE, "1 1 1"]),
            "holds more than the 8 colours that LUT_3D_SIZE 2 means",
        ),
        ("LUT_3D_SIZE 2\n0 0", "line 2: a colour has 3 numbers, not 2"),
        ("LUT_3D_SIZE 2\n0 zero 0\n", "line 2: a colour has 3 numbers, not 2"),
        ("LUT_3D_SIZE 2\n0 0x 0\n", "line 2: a colour has 3 numbers, not '0 0x 0'"),
        ("LUT_3D_SIZE 2\n0 nan 0\n", "line 2: a colour has numbers that are none: '0 nan 0'"),
        ("LUT_3D_SIZE 2\n0 1e999 0\n", "line 2: a colour has numbers that are none: '0 1e999 0'"),
        ("LUT_3D_SIZE 1000", "line 1: LUT_3D_SIZE is 2 to 256, not '1000'"),
        ("LUT_1D_SIZE two", "line 1: LUT_1D_SIZE is 2 to 65536, not 'two'"),
        ("LUT_1D_SIZE 2\nDOMAIN_MIN 0\n", "line 2: DOMAIN_MIN has 3 numbers, not 1"),
        (
            "LUT_1D_SIZE 2\nDOMAIN_MIN 1 1 1\n0 0 0\n1 1 1",
            "its input domain is empty: the low end is not below",
        ),
        ("LUT_1D_SIZE 2\n0 0 0\nLUT_3D_SIZE 2", "line 3: 'LUT_3D_SIZE 2' stands behind colours"),
        ("LUT_3D_SIZE 2 " + "#" * 9000, "a line is longer than 4096 characters: not a cube"),
    ],
)
def test_what_is_wrong_with_a_cube(read, content, problem):
    if "zero" in content:
        problem = "line 2: a colour has 3 numbers, not '0 zero 0'"
    assert read("a.cube", content).problem.startswith(problem)


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("a.cc", CC.format(id="c1"), ""),
        ("a.ccc", f"<ColorCorrectionCollection>{CC.format(id='c1')}</ColorCorrectionCollection>", ""),
        (
            "a.cdl",
            LIST.format(
                f"<ColorDecision><MediaRef ref='/day/A001C003_221122_R1AB.mov'/>{CC.format(id='c1')}</ColorDecision>"
            ),
            "/day/A001C003_221122_R1AB.mov",
        ),
        (
            "a.cdl",
            LIST.format(
                f"<ColorCorrectionCollection>{CC.format(id='c1')}</ColorCorrectionCollection>"
                "<ColorDecision><ColorCorrectionRef ref='c1'/></ColorDecision>"
            ),
            "",
        ),
    ],
)
def test_corrections(read, name, content, media):
    told = read(name, content)
    assert (told.kind, told.problem, told.size, told.table) == ("cdl", "", 0, None)
    assert told.corrections[0] == Correction(id="c1", media=media, **VALUES)


def test_names_of_cdl_1_2_and_parts_left_out(read):
    told = read("a.cc", "<ColorCorrection><ASC_SOP><Power>2,2,2</Power></ASC_SOP></ColorCorrection>")
    assert told.corrections == (Correction(power=(2.0, 2.0, 2.0)),)


def test_many_corrections_are_told_by_their_ids(tmp_path):
    path = tmp_path / "day.ccc"
    ids = ("A001C003_221122_R1AB", "night")
    path.write_text(
        f"<ColorCorrectionCollection>{''.join(CC.format(id=one) for one in ids)}</ColorCorrectionCollection>"
    )
    values = look(str(path), "data").values
    assert (values["look_corrections"], values["look_ids"]) == ("2", "A001C003_221122_R1AB, night")
    assert "asc_sop" not in values
    [row] = json.loads(values["sidecar"])
    assert row["match"] == {"clip_name": "A001C003_221122_R1AB"}
    assert row["values"] == {"asc_sop": "(1.1 1 0.9)(0.01 0 -0.01)(1 1.2 1)", "asc_sat": "0.8"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "broken XML: no element found"),
        ("<html/>", "not a CDL: no ColorCorrection in it"),
        ("<ColorCorrectionCollection/>", "not a CDL: no ColorCorrection in it"),
        ("<ColorCorrection><Slope>1 1</Slope></ColorCorrection>", "Slope is 3 numbers, not '1 1'"),
        (
            "<ColorCorrection id='x'><Slope>-1 1 1</Slope></ColorCorrection>",
            "correction 'x': Slope cannot be -1",
        ),
        ("<ColorCorrection><Power>0 1 1</Power></ColorCorrection>", "Power cannot be 0"),
        (
            "<ColorCorrection><Saturation>inf</Saturation></ColorCorrection>",
            "Saturation is 1 numbers, not 'inf'",
        ),
        ("<ColorCorrection><SOPNode><Slope>1 1 1</Slope>", "broken XML: no element found"),
        (
            "<ColorDecisionList><ColorDecision><ColorCorrectionRef ref='y'/></ColorDecision></ColorDecisionList>",
            "refers to correction 'y', which is not in it",
        ),
    ],
)
def test_what_is_wrong_with_a_correction(read, content, problem):
    assert read("a.cdl", content).problem.startswith(problem)


def test_real_cubes(shared_media):
    told = {
        (path.parent.name, path.stem): looks.read(path) for path in (shared_media / "lut").rglob("*.cube")
    }
    assert not {key: one.problem for key, one in told.items() if one.problem}
    assert told["colour_iridas", "Demo"].table.high == (1, 2, 3)
    assert told["colour_resolve", "Demo"].table.high == (3, 3, 3)
    shaped = told["colour_resolve", "Three_Dimensional_Table_With_Shaper"]
    assert (shaped.size, shaped.table.shaper, shaped.table.shaper_low) == (3, 10, -0.1)
    assert told["colour_resolve", "LogC_Video"].title == "AlexaV3 K1S1 LogC to Video Rec709"


def test_findings_of_a_cube(tmp_path):
    path = Path(tmp_path / "Day.CUBE")
    path.write_text("\n".join(['TITLE "Day"', "LUT_3D_SIZE 2", *CUBE]))
    facts = look(str(path), "data")
    assert facts.values == {
        "container": "cube",
        "look_format": "cube",
        "look_title": "Day",
        "look_type": "3D",
        "look_size": "2",
        "look_domain": "0 0 0 to 1 1 1",
    }
