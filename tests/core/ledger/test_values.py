"""What is said of clips comes back from the ledger as it was said."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes import Clip, Finding
from rushes.ledger import MEMORY, open_ledger
from rushes.ledger.rows import put_clip, put_finding, read_clip, read_finding
from rushes.timecode import FLICKS, RATES, timespan

_FINDING = "SELECT clip, annotator, basis, data, problem FROM findings"


@pytest.mark.parametrize(
    "value",
    ["", "Süd – 12A", "\udcff", 2**70, -1, 1.5, True, datetime(2026, 11, 22, 9, 30, 1, 5, tzinfo=UTC)],
)
async def test_a_value_of_a_finding_is_read_as_it_was_written(value):
    finding = Finding(clip="c1", values={"told": value})
    async with open_ledger(MEMORY) as ledger:
        await ledger.write(put_finding("probe", finding))
        [row] = await ledger.query(_FINDING)
    stored = read_finding(row)
    assert stored.finding == finding
    assert type(stored.finding.values["told"]) is type(value)


async def test_a_number_that_json_has_no_word_for_is_kept_and_its_column_has_it():
    async with open_ledger(MEMORY) as ledger:
        await ledger.write(put_finding("probe", Finding(clip="c1", values={"duration": inf})))
        [row] = await ledger.query(_FINDING)
        values = read_finding(row).finding.values
        await ledger.write([put_clip(Clip(id="c1", volume="v", path="a.mov", meta=values))])
        assert await ledger.query("SELECT duration FROM clips") == [(inf,)]


async def test_a_clip_is_read_with_other_metadata_where_they_are_given():
    clip = Clip(id="c1", volume="v", path="A001/a.mov", meta={"scene": "12", "look": "day", "problem": "cut"})
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_clip(clip)])
        [row] = await ledger.query("SELECT * FROM clips")
    assert read_clip(row) == clip
    assert dict(read_clip(row, {"take": "3"}).meta) == {"take": "3"}


@given(
    st.lists(
        st.text("ab .ä", min_size=1, max_size=6).filter(lambda part: part != "."), min_size=1, max_size=3
    )
)
def test_the_parts_of_a_path_are_those_of_a_posix_path(parts):
    path = PurePosixPath(*parts)
    clip = Clip(volume="v", path=str(path))
    folder = str(path.parent)
    assert (clip.filename, clip.name) == (path.name, path.stem)
    assert clip.extension == path.suffix.lower().removeprefix(".")
    assert put_clip(clip).row[5] == ("" if folder == "." else folder)


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_picture_is_a_whole_number_of_flicks_at_every_rate(rate):
    assert rate.flicks * rate.exact == FLICKS
    told = {"timecode": "01:00:00:10", "timecode_rate": rate.name, "frames": 5, "rate": rate.name}
    label = 3600 * rate.nominal + 10 - rate.dropped * 54
    assert timespan(told) == (label * rate.flicks, (label + 5) * rate.flicks)
