"""What a person switched: sinks that rest, routes that are manual or automatic whatever the file says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from rushes.errors import NotFound

SwitchWord = Literal["pause", "resume", "manual", "auto"]
SWITCH_WORDS: tuple[str, ...] = get_args(SwitchWord)
#: Where the ledger keeps it, in the engine's store.
SWITCHES_KEY = "switches"
_OF_SINKS = frozenset({"pause", "resume"})


@dataclass(frozen=True, slots=True)
class Switches:
    """`paused` are ids of sinks; `auto` says of a route, where a person said, whether its jobs start by themselves."""

    paused: frozenset[str] = frozenset()
    auto: Mapping[str, bool] = field(default_factory=dict)

    def switched(
        self, word: str, names: Sequence[str], *, sinks: Collection[str], routes: Collection[str]
    ) -> Switches:
        """As a person wants it from now on; without names, for all. Raises NotFound."""
        if word not in SWITCH_WORDS:
            raise NotFound(f"no switch {word}; there are {', '.join(SWITCH_WORDS)}")
        kind, known = ("sink", sinks) if word in _OF_SINKS else ("route", routes)
        if word == "resume":
            known = sorted({*known, *self.paused})  # one that was paused may have left the file
        for name in names:
            if name not in known:
                raise NotFound(f"no {kind} {name}; there are {', '.join(known) or 'none'}")
        wanted = frozenset(names or known)
        if word in _OF_SINKS:
            return replace(self, paused=self.paused | wanted if word == "pause" else self.paused - wanted)
        return replace(self, auto={**self.auto, **dict.fromkeys(wanted, word == "auto")})

    @property
    def document(self) -> dict[str, Any]:
        """As JSON values, for the ledger and for people."""
        return {"paused": sorted(self.paused), "auto": dict(sorted(self.auto.items()))}


@dataclass(slots=True)
class Switchboard:
    """The switches as they are now: asked by all, set by `Commands`."""

    now: Switches


def read_switches(document: Mapping[str, Any] | None) -> Switches:
    """What `Switches.document` wrote, or nothing switched."""
    return Switches(frozenset(document["paused"]), document["auto"]) if document else Switches()


def paused_by_person(sink: str) -> str:
    """Why its work waits."""
    return f"paused by a person; go on with: pipeline queue FILE resume {sink}"
