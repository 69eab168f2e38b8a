"""Sessions as they are kept: private, durable, not for ever."""

from __future__ import annotations

import json

import pytest
import trio

from rushes.page import sessions
from rushes.page.sessions import UNUSED_S, Sessions


def test_the_file_is_private(tmp_path):
    async def enter():
        await Sessions(tmp_path, lambda: 0.0).enter()

    trio.run(enter)
    file = tmp_path / "page" / "sessions.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["sessions.json"]
    assert set(json.loads(file.read_text())["sessions"][0]) == {"hash", "name", "writes", "made", "used"}


class Clock:
    def __init__(self):
        self.now = 1e9

    def __call__(self):
        return self.now


async def test_a_browser_that_is_not_used_for_thirty_days_signs_in_again(tmp_path):
    clock = Clock()
    known = Sessions(tmp_path, clock)
    secret, program = await known.enter(), await known.mint("script", writes=False)
    for _ in range(3):  # used now and then, it stays
        clock.now += UNUSED_S - 1
        session = Sessions(tmp_path, clock).find(secret)
        await (known := Sessions(tmp_path, clock)).note(session)
    clock.now += UNUSED_S
    assert Sessions(tmp_path, clock).find(secret) is None
    assert Sessions(tmp_path, clock).find(program).name == "script"
    await known.enter()
    assert len(json.loads((tmp_path / "page" / "sessions.json").read_text())["sessions"]) == 2


async def test_use_is_written_once_an_hour(tmp_path, monkeypatch):
    clock, writes = Clock(), []
    known = Sessions(tmp_path, clock)
    secret = await known.enter()
    monkeypatch.setattr(sessions, "write_private", lambda *args: writes.append(args))
    for _ in range(10):
        clock.now += 1200
        async with trio.open_nursery() as nursery:
            for _ in range(5):  # a page asks for much at once
                nursery.start_soon(known.note, known.find(secret))
    assert len(writes) == 3


async def test_the_browsers_that_were_used_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_BROWSERS", 3)
    clock = Clock()
    known = Sessions(tmp_path, clock)
    secrets = [await known.mint("script", writes=True)]
    for _ in range(4):
        clock.now += 1
        secrets.append(await known.enter())
    assert [known.find(secret) is not None for secret in secrets] == [True, False, True, True, True]


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"version": 2, "sessions": []}', '{"version": 1, "sessions": [{}]}', "\xff"]
)
def test_a_damaged_file_is_told_in_a_line(tmp_path, content):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "sessions.json").write_text(content, encoding="latin-1")
    with pytest.raises(
        sessions.RushesError, match=r"sessions\.json: .*; remove it: everybody signs in again"
    ):
        Sessions(tmp_path, Clock())
