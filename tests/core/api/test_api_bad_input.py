"""Whatever is asked, the answer is a document and never a bug: a real engine, requests of every bad kind."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from urllib.parse import quote_from_bytes

import msgspec
import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_rig import call
from engine_rig import FunctionAnnotator, FunctionSink, ListSource, card, component, engine_of, simple
from rushes import Action, Finding, Link
from rushes.api.app import build
from rushes.api.decoding import BODY_LIMIT
from rushes.api.endpoints import ENDPOINTS
from rushes.engine.searches import cursor

NASTY = st.sampled_from(
    [
        b"", b"\0", b"%", b"\xff\xfe", b"\xed\xa0\x80", "é".encode(), b"a" * 5000, b"'; DROP TABLE clips --", b"..",
        b"null", b"true", b"-1", b"0", b"1e400", b"9" * 400, b"1.0", b"2026-11-22", b"9999-12-31", b"0001-01-01",
        b"c1", b"A001/good.mov", b"good.mov", b"match", b"sink", b"{id}", b"\\", b"%25", b"_",
        cursor("a", 1, None).encode(), cursor(2**70, "x").encode(), cursor("\ud800", "x").encode(),
        cursor("A001", "a", "c").encode(), cursor(float("nan"), "x").encode(), cursor(-(10**300), "x").encode(),
        cursor(1.0, 2**63, 1, 1, 1.0, "x", "y").encode(), cursor(1.0, -(2**63), 1, 2**31, 1.0, "x", "y").encode(),
    ]
)  # fmt: skip
TEXT = st.one_of(
    NASTY, st.binary(max_size=20), st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10),
    st.sampled_from(["good.mov", "sink", "\ud800", "\0", "j" * 200, 2**64, -(2**63)]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda of: st.one_of(st.lists(of, max_size=3), st.dictionaries(st.text(max_size=5), of, max_size=3)),
    max_leaves=6,
)  # fmt: skip
KEYS = st.sampled_from(["ids", "all", "before", "clip", "other", "sink", "names", "match", "routes", "x"])
RULES = st.fixed_dictionaries(
    {
        "match": st.sampled_from(["all", "first"]),
        "routes": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.text(max_size=5),
                    "when": st.one_of(st.text(max_size=20), st.sampled_from(["true", "size > 0", "1/0", "nope = 1"])),
                    "final": st.booleans(), "else": st.booleans(), "live": st.booleans(), "auto": st.booleans(),
                    "priority": st.one_of(st.integers(), st.text(max_size=5)), "wait": st.none(),
                    "steps": st.lists(st.text(max_size=5), max_size=2), "to": st.just([{"sink": "sink"}]),
                }
            ),
            max_size=3,
        ),
    }
)  # fmt: skip
BODIES = st.one_of(
    st.just(b""), st.binary(max_size=30),
    st.dictionaries(KEYS, VALUES, max_size=4).map(lambda body: json.dumps(body).encode()),
    VALUES.map(lambda body: json.dumps(body).encode()), RULES.map(lambda body: json.dumps(body).encode()),
    st.sampled_from([b"[" * 50_000, b'"' + b"x" * BODY_LIMIT + b'"', b'{"ids": ["\xff"]}', b"\xef\xbb\xbf{}"]),
)  # fmt: skip


@st.composite
def requests(draw):
    endpoint = draw(st.sampled_from(ENDPOINTS))
    path = re.sub(r"{\w+}", lambda _: quote_from_bytes(draw(TEXT), safe="") or "x", endpoint.path)
    names = [field.name for field in msgspec.structs.fields(endpoint.query)] or ["x"]
    pairs = draw(st.lists(st.tuples(st.one_of(st.sampled_from(names), st.just("zz")), TEXT), max_size=3))
    query = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs).encode()
    query = draw(st.one_of(st.just(query), st.binary(max_size=10))) if draw(st.booleans()) else query
    headers = {b"last-event-id": draw(TEXT)} if endpoint.path == "/v1/events" and draw(st.booleans()) else {}
    return endpoint.method, path, query, draw(BODIES), headers


def say(clip):
    link = Link(clip=clip.id, other="other", kind="sound", score=0.5, state="ambiguous")
    return Finding(clip=clip.id, values={"scene": "1"}, links=[link])


async def _decide(_options, _context, _part, _arguments, _tell):
    return {}


async def ask_all(folder: Path, asked) -> list[tuple[int, bytes]]:
    actions = {word: Action(summary=word, run=_decide) for word in ("accept", "reject", "forget")}
    match = component("annotator", "match", FunctionAnnotator(say), actions=actions)
    source = ListSource(card(folder / "A001", "good.mov"))
    async with engine_of(simple(folder, source, FunctionSink(), prepare=[match])) as engine:
        await engine.run(once=True)
        app = build(engine, trio.Event())
        return [await call(app, *each) for each in asked]


def check(asked, answers) -> None:
    for each, (status, raw) in zip(asked, answers, strict=True):
        assert 200 <= status < 500, (each, raw)
        if status >= 400:
            told = json.loads(raw)
            assert told["error"], each
            assert "\n" not in told["error"], each
            assert told["type"], each


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=st.lists(requests(), min_size=10, max_size=20))
def test_no_request_is_a_bug(tmp_path, asked):
    check(asked, trio.run(partial(ask_all, tmp_path, asked)))


def test_a_name_of_several_lines_is_told_in_one(tmp_path):
    asked = [
        (endpoint.method, re.sub(r"{\w+}", "%0A", endpoint.path), b"", b"{}", {})
        for endpoint in ENDPOINTS
        if "{" in endpoint.path
    ]
    check(asked, trio.run(partial(ask_all, tmp_path, asked)))


PARAMETERS = [
    (endpoint, field.name) for endpoint in ENDPOINTS for field in msgspec.structs.fields(endpoint.query)
]
EVIL = [
    b"", b"%00", b"%FF", b"%0A%1B", b"%ED%A0%80", b"9" * 400, b"-1", b"1e400", b"NaN", b"a" * 5000, b"0001-01-01",
    b"9999-12-31", b"%25_%5C%27%22", b"null", cursor().encode(), cursor(2**70, "x").encode(),
    cursor("\ud800", "x").encode(), cursor(float("nan"), "x").encode(), cursor(float("inf"), "x").encode(),
    cursor(True, "x").encode(), cursor("\ud800", "x", "y").encode(), cursor(*"abc").encode(), cursor(*"abcde").encode(),
    cursor(1.0, 2**63, 1, 1, 1.0, "x", "y").encode(), cursor(1.0, 1, 1, 2**31, 1.0, "x", "\0").encode(),
]  # fmt: skip


async def test_every_parameter_with_everything_evil(tmp_path):
    asked = [
        (endpoint.method, endpoint.path.replace("{id}", "good.mov"), name.encode() + b"=" + evil, b"", {})
        for endpoint, name in PARAMETERS
        for evil in EVIL
    ]
    # A cursor is of its order.
    asked += [
        ("GET", path, f"{order}&after=".encode() + evil, b"", {})
        for path, order in (
            ("/v1/clips", "sort=newest"),
            ("/v1/clips", "sort=timecode"),
            ("/v1/jobs", "order=newest"),
        )
        for evil in EVIL
    ]
    answers = await ask_all(tmp_path, asked)
    check(asked, answers)
    # None of it comes as far as the ledger and is refused there.
    assert not [raw for _, raw in answers if b"LedgerError" in raw]


@pytest.mark.parametrize("host", [b"", b"evil.example/%00", b"[::1", b"a:b:c"])
async def test_the_host_that_is_asked_for_does_not_matter(control, host):
    app = build(control, trio.Event())
    assert (await call(app, "GET", "/v1/status", headers={b"host": host}))[0] == 200
    status, raw = await call(app, "GET", "/v1/status/", headers={b"host": host})
    assert (status, b"evil" in raw) == (404, False)


async def test_a_method_that_is_not_offered_says_which_are(control):
    app = build(control, trio.Event())
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        status, raw = await call(app, method, "/v1/status")
        assert (status, json.loads(raw)["type"]) == (405, "NotAllowed")


async def test_a_head_of_anything_is_short(control):
    app = build(control, trio.Event())
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            status, _ = await call(
                app,
                "HEAD",
                endpoint.path.replace("{id}", "c1"),
                b"ref=c1" if "named" in endpoint.path else b"",
            )
            assert status in {200, 404}, endpoint.path
