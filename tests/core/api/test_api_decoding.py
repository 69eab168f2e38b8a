"""What stands behind the question mark, and in the body, as types: everything that is refused is named."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import UNSET

from rushes.api.decoding import UnprocessableError, decode_body, decode_query
from rushes.api.documents.jobs import ChosenJobs, Move
from rushes.api.documents.rules import Rules
from rushes.api.queries import ClipsQuery, EventsQuery, JobsQuery, NamedQuery, Query
from rushes.engine.searches import ClipSearch, JobSearch


def test_nothing_asked_is_any():
    assert decode_query(b"", ClipsQuery).search == ClipSearch()
    assert decode_query(b"q=&kind=&state=&problem=&day=&limit=&after=", ClipsQuery).search == ClipSearch()
    assert decode_query(b"", JobsQuery).search == JobSearch()


def test_everything_asked():
    raw = b"q=%C3%A9+1&kind=video&role=original&card=A001&state=ready,parked&state=done&match=ambiguous&problem=false"
    search = decode_query(raw + b"&day=2026-11-22&sort=timecode&limit=7&after=abc", ClipsQuery).search
    assert search == ClipSearch(
        q="é 1", kind="video", role="original", card="A001", states=frozenset({"ready", "parked", "done"}),
        match="ambiguous", problem=False, day="2026-11-22", sort="timecode", limit=7, after="abc",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "live"), [(b"live=1", True), (b"live=true", True), (b"live=0", False), (b"", False)]
)
def test_yes_and_no(raw, live):
    assert decode_query(raw, EventsQuery).live is live


def test_a_day():
    assert decode_query(b"day=2024-02-29", ClipsQuery).day == date(2024, 2, 29)
    assert decode_query(b"", ClipsQuery).day is UNSET


@pytest.mark.parametrize(
    ("into", "raw", "says"),
    [
        (Query, b"x=1", "no parameter 'x'; this takes none"),
        (NamedQuery, b"", "ref: is missing"),
        (NamedQuery, b"ref=", "ref: is missing"),
        (NamedQuery, b"ref=a&ref=b", "ref: given more than once"),
        (NamedQuery, b"ref=" + b"a" * 4097, "ref: 'aaaa"),
        (NamedQuery, b"name=a", "no parameter 'name'; there are ref"),
        (ClipsQuery, b"state=lost", "state: 'lost' is none of ready, running"),
        (ClipsQuery, b"match=maybe", "match: 'maybe' is none of matched, ambiguous, unmatched"),
        (ClipsQuery, b"day=2026-02-30", "day: '2026-02-30' does not fit: invalid RFC3339 encoded date"),
        (ClipsQuery, b"limit=0", "limit: '0' does not fit: expected int >= 1"),
        (ClipsQuery, b"limit=501", "limit: '501' does not fit: expected int <= 500"),
        (ClipsQuery, b"limit=" + b"9" * 400, "limit: '9999"),
        (ClipsQuery, b"limit=ten", "limit: 'ten' does not fit: expected int, got str"),
        (ClipsQuery, b"problem=perhaps", "problem: 'perhaps' does not fit: expected bool, got str"),
        (ClipsQuery, b"problem=null", "problem: 'null' does not fit"),
        (ClipsQuery, b"q=%FF", "the parameters are not UTF-8"),
        (ClipsQuery, b"q=\xc3\xa9", "the parameters are not UTF-8"),
        (ClipsQuery, b"&".join([b"state=done"] * 101), "more than 100 parameters"),
        (EventsQuery, b"after=9223372036854775808", "after: "),
    ],
)
def test_what_cannot_be_meant_is_named(into, raw, says):
    with pytest.raises(UnprocessableError) as caught:
        decode_query(raw, into)
    assert str(caught.value).startswith(says)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("into", "raw", "says"),
    [
        (Move, b"", "the body: object missing required field ids"),
        (Move, b"not json", "the body is not JSON in UTF-8"),
        (Move, b'{"ids": ["\\ud800"], "before": "j1"}', "the body is not JSON in UTF-8"),
        (Rules, b'{"routes": [{"to": [{"x": ' + b"[" * 100_000, "the body is not JSON in UTF-8"),
        (Move, b'{"ids": [], "before": "j1"}', "the body: ids: expected array of length >= 1"),
        (Move, b'{"ids": ["j1", null], "before": "j1"}', "the body: ids[1]: expected str, got null"),
        (Move, b'{"ids": ["j1"], "before": "j2", "x": 1}', "the body: object contains unknown field x"),
        (ChosenJobs, b"", "the body: name jobs in ids, or say all"),
        (ChosenJobs, b'{"ids": ["j1"], "all": true}', "the body: name jobs in ids, or say all"),
        (ChosenJobs, b'{"ids": [""]}', "the body: ids[0]: expected str of length >= 1"),
        (dict[str, str], b'{"a": 1}', "the body: expected str, got int"),
    ],
)
def test_a_body_that_cannot_be_meant_is_named(into, raw, says):
    with pytest.raises(UnprocessableError) as caught:
        decode_body(raw, into)
    assert str(caught.value).startswith(says)
