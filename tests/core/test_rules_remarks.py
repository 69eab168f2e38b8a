"""What a rule says that may not be meant so, and what people of other tools write."""

from __future__ import annotations

import pytest

from rushes import rules


@pytest.mark.parametrize(
    ("when", "columns"),
    [
        ("not waste", ["waste"]),
        ("kind = 'video' and not (waste)", ["waste"]),
        ("NOT circled or not mos", ["circled", "mos"]),
        ("not coalesce(waste, false)", []),
        ("not waste or waste is null", []),
        ("coalesce(not waste, true)", []),
        ("waste is distinct from true and not waste", []),
        ("not complete", []),  # always told
        ("not (waste and mos)", []),
        ("waste", []),
    ],
)
def test_a_not_that_null_slips_through(when, columns):
    rules.check(when)
    assert list(rules.loose_nots(when)) == columns


def test_keys_of_meta():
    assert list(rules.meta_keys("meta['look'] = 'day' and lower(meta['sky']) = 'x' and scene = '1'")) == [
        "look",
        "sky",
    ]


@pytest.mark.parametrize(
    ("when", "remedy", "at"),
    [
        ("extension = '.MOV'", "write 'mov'", "'.MOV'"),
        ("extension in ('mov', 'MXF')", "write 'mxf'", "'MXF'"),
        ("size > 1GB", "a number has no unit in a rule; write bytes or seconds", "GB"),
        ("camera in 'A', 'B'", "put what follows 'in' in brackets", ","),
        ("name contains 'A00'", "write contains(name, 'TEXT')", "contains"),
        ("reel starts with 'A00'", "write starts_with(reel, 'TEXT')", "starts"),
        ("(kind = 'video'", "a '(' is never closed; close it", ""),
        ("yes", "write true to take every clip", "yes"),
    ],
)
def test_what_people_write_is_told_with_what_to_write(when, remedy, at):
    with pytest.raises(rules.RuleError) as caught:
        rules.check(when)
    assert remedy in caught.value.message
    assert when[caught.value.offset : caught.value.offset + caught.value.length] == at


@pytest.mark.parametrize("when", ["contains(name, 'A00')", "starts_with(reel, 'A0')", "ends_with(name, 'x')"])
def test_what_they_are_told_to_write_is_right(when):
    rules.check(when)
