"""The table of the integrator's checklist names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
HERE = TESTS / "journeys/frameio"
README = TESTS.parent / "plugins/rushes_frameio/README.md"


def module(name):
    """The file that the table means: see its first paragraph."""
    if name.startswith("tests/"):
        return TESTS.parent / name
    folder = TESTS / "plugins/frameio" if name.startswith("frameio_") else HERE
    return folder / f"test_{name}.py"


def test_each_line_has_a_test_that_exists_or_says_why_not():
    """Each line is shown by a test, measured by a bench, or somebody else's job with the reason."""
    section = README.read_text("utf-8").partition("## The integrator's checklist")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in row] for row in rows if row[0].strip() != "line"]
    assert len(rows) > 80
    for line, how, shown in rows:
        named = re.findall(r"`([\w/.]+)::(test_\w+)`", shown)
        for file, test in named:
            assert re.search(rf"^(async )?def {test}\(", module(file).read_text("utf-8"), re.MULTILINE), (
                line,
                test,
            )
        assert named or "make bench" in shown or re.search(r"operating system's|not applicable", how), line
