"""Hubs that hear of one clip in any order, and hand it to each other: they end alike, stop, and lose nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes_masterlockit.versions import Order, Stored, absorb, bump, compare
from rushes_masterlockit.versions.clock import covers
from rushes_masterlockit.versions.same import canonical

DEVICES = ["000000000000000a", "00000000000000f0", "00000000000000fa"]
HUBS = ["0000000000000033", "00000000000000b2", "00000000000000f1"]
MEMBERS = ["circle", "lens", "comment"]


def clip(version: dict[str, int], **members: Any) -> dict[str, Any]:
    return {"id": "clip-1", "type": "sound", "version": version, **members}


@dataclass
class Stage:
    """Hubs that hold one clip, devices that see it and edit what they see, and all that was said or shown."""

    hubs: dict[str, Stored | None]
    views: dict[str, dict[str, Any]] = field(default_factory=lambda: {device: clip({}) for device in DEVICES})
    said: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, hub: str, data: dict[str, Any]) -> None:
        before = self.hubs[hub]
        after, _ = absorb(before, data, hub)
        assert after.data["version"] == after.clock
        assert covers(after.clock, data["version"])
        assert before is None or covers(after.clock, before.clock)
        assert len(after.history) <= 16
        self.hubs[hub] = after

    def look(self, device: str, hub: str) -> None:
        stored = self.hubs[hub]
        if stored is not None and covers(stored.clock, self.views[device]["version"]):
            self.views[device] = stored.data

    def say(self, device: str, changes: dict[str, Any]) -> None:
        view = self.views[device]
        data = {**view, **changes, "version": bump(view["version"], device)}
        self.views[device] = {name: value for name, value in data.items() if value is not None}
        self.said.append(self.views[device])
        self.shown.append(self.views[device])

    def show(self, hub: str) -> None:
        stored = self.hubs[hub]
        if stored is not None:
            self.shown.append(stored.data)

    def settle(self, *, listing: bool) -> int:
        """Rounds until nothing changes, in which all hubs show theirs to all at once; with `listing` those whose clocks
        are equal or older say nothing.
        """
        for rounds in range(12):
            shown = {hub: stored for hub, stored in self.hubs.items() if stored is not None}
            before = dict(self.hubs)
            for sender, hub in itertools.permutations(self.hubs, 2):
                if sender not in shown:
                    continue
                mine, theirs = self.hubs[hub], shown[sender]
                known = mine is not None and compare(theirs.clock, mine.clock) in {Order.EQUAL, Order.BEFORE}
                if not (listing and known):
                    self.hear(hub, theirs.data)
            if all(before[hub] is self.hubs[hub] for hub in self.hubs):
                return rounds
        pytest.fail(
            f"no end of it: {[stored and (stored.clock, stored.data) for stored in self.hubs.values()]}"
        )


def played(count: int, script: list[tuple[Any, ...]]) -> Stage:
    stage = Stage(dict.fromkeys(HUBS[:count]))
    hub = lambda number: HUBS[number % count]  # noqa: E731
    for step in script:
        match step:
            case "say", device, changes:
                stage.say(DEVICES[device], changes)
            case "look", device, number:
                stage.look(DEVICES[device], hub(number))
            case "show", number:
                stage.show(hub(number))
            case "hear", number, which if stage.shown:
                stage.hear(hub(number), stage.shown[which % len(stage.shown)])
    for number, data in enumerate(stage.said):
        stage.hear(hub(number), data)
    return stage


VALUES = st.sampled_from([None, 1, 2, 3])
CHANGES = st.dictionaries(st.sampled_from(MEMBERS), VALUES, min_size=1, max_size=2)
STAMPED = st.builds(
    lambda changes, at: changes | at,
    CHANGES,
    st.fixed_dictionaries({}, optional={"updated": st.integers(1, 4)}),
)
NUMBER = st.integers(0, 2)
SCRIPTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), NUMBER, STAMPED),
        st.tuples(st.just("say"), NUMBER, STAMPED),
        st.tuples(st.just("look"), NUMBER, NUMBER),
        st.tuples(st.just("show"), NUMBER),
        st.tuples(st.just("hear"), NUMBER, st.integers(0, 40)),
        st.tuples(st.just("hear"), NUMBER, st.integers(0, 40)),
    ),
    max_size=30,
)


@pytest.mark.parametrize("listing", [False, True])
@pytest.mark.parametrize("count", [2, 3])
@given(script=SCRIPTS)
@settings(deadline=None)
def test_hubs_converge_and_stop(count: int, listing: bool, script: list[tuple[Any, ...]]) -> None:
    stage = played(count, script)
    rounds = stage.settle(listing=listing)
    assert rounds <= 2 * count
    held = [stored for stored in stage.hubs.values() if stored is not None]
    assert len(held) in {0, count}
    assert len({canonical(stored.data) for stored in held}) <= 1
    for stored in held:
        assert all(covers(stored.clock, said["version"]) for said in stage.said)


@pytest.mark.parametrize("count", [1, 2, 3])
@given(script=SCRIPTS)
@settings(deadline=None)
def test_nothing_anyone_said_is_lost_silently(count: int, script: list[tuple[Any, ...]]) -> None:
    stage = played(count, script)
    stage.settle(listing=False)
    held = [stored for stored in stage.hubs.values() if stored is not None]
    conflicts = [conflict for stored in held for conflict in stored.conflicts]
    for said, member in itertools.product(stage.said, MEMBERS):
        value = said.get(member)
        heard = [stored.data.get(member) for stored in held]
        heard += [
            conflict[side]
            for conflict in conflicts
            if conflict["path"] == member
            for side in ("kept", "lost")
        ]
        # Whoever overwrote it had seen it, from this one or in the same words from another.
        seen = [other for other in stage.said if other.get(member) == value]
        overwritten = any(
            other.get(member) != value and covers(other["version"], word["version"])
            for other, word in itertools.product(stage.said, seen)
        )
        # Who lacks a member that nobody had before has not removed it.
        assert value is None or value in heard or overwritten


@pytest.mark.parametrize("listing", [False, True])
def test_two_hubs_that_merged_differently_agree_and_stop(listing: bool) -> None:
    """One knows what both writers had seen, the other does not; each merges, then both hear the other at once."""
    stage = Stage(dict.fromkeys(HUBS[:2]))
    past = clip({"a": 1}, lens=1, comment=1)
    left, right = (
        clip({"a": 2}, lens=2, comment=1, updated=1),
        clip({"a": 1, "b": 1}, lens=1, comment=2, updated=1),
    )
    for data in (past, left, right):
        stage.hear(HUBS[0], data)
    for data in (right, left):
        stage.hear(HUBS[1], data)
    contents = {canonical({**stored.data, "version": None}) for stored in stage.hubs.values() if stored}
    assert len(contents) == 2
    assert stage.settle(listing=listing) <= 2
    assert len({canonical(stored.data) for stored in stage.hubs.values() if stored}) == 1
