"""What a run came to, in a few lines or one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rushes.api.control import Control
from rushes.cli.text import printable

_REASONS = 5


class Outcome(Protocol):
    """What `Engine.run` returns: how many jobs are parked, how many wait, and how many of these are sources."""

    @property
    def parked(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def mute(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Summary:
    """`delivered` counts jobs finished in this run; `stuck` are the jobs that are parked or wait.

    `waiting` counts all that is not done, also what was `interrupted` by a signal.
    """

    delivered: int = 0
    parked: int = 0
    waiting: int = 0
    interrupted: bool = False
    stuck: Sequence[Mapping[str, Any]] = ()

    @property
    def unsettled(self) -> bool:
        """Whether something is parked, waits or was left."""
        return bool(self.parked or self.waiting)

    def text(self) -> str:
        """`12 delivered, 1 parked`, then a line for each reason: `  NAME and 2 more: reason`."""
        parts = [f"{self.delivered} delivered"]
        if self.parked:
            parts.append(f"{self.parked} parked")
        if self.waiting:
            parts.append(f"{self.waiting} {'left for the next run' if self.interrupted else 'waiting'}")
        names: dict[str, list[str]] = {}
        for job in self.stuck:
            reason = job["reason"] or job["state"]
            names.setdefault(reason, []).append(job["name"])
        lines = [f"  {_first(stuck)}: {reason}" for reason, stuck in names.items()]
        if len(lines) > _REASONS:
            lines[_REASONS:] = [f"  and {len(lines) - _REASONS} more reasons"]
        return "\n".join(printable(line) for line in (", ".join(parts), *lines))

    def document(self) -> dict[str, Any]:
        """The same facts for `--json`."""
        return {
            "delivered": self.delivered,
            "parked": self.parked,
            "waiting": self.waiting,
            "interrupted": self.interrupted,
            "stuck": [
                {key: job[key] for key in ("id", "name", "route", "state", "reason")} for job in self.stuck
            ],
        }


async def summarise(
    control: Control, before: Mapping[str, Any], outcome: Outcome, *, interrupted: bool
) -> Summary:
    """Compare the status at the start with that at the end. Who is stopped while a source still looks left nothing."""
    after = await control.status()
    stuck: Sequence[Mapping[str, Any]] = ()
    if outcome.parked or outcome.waiting:
        from rushes.engine.searches import MOST_JOBS, JobSearch  # noqa: PLC0415 - costs duckdb, which a run has by now

        search = JobSearch(states=frozenset({"parked", "waiting"}), limit=MOST_JOBS)
        stuck = (await control.jobs(search))["jobs"]
    return Summary(
        delivered=_done(after) - _done(before),
        parked=outcome.parked,
        waiting=outcome.waiting - outcome.mute if interrupted else outcome.waiting,
        interrupted=interrupted,
        stuck=stuck,
    )


def _first(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _done(status: Mapping[str, Any]) -> int:
    return int(status["counts"]["jobs"].get("done", 0))
