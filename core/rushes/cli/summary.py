"""What a run came to, in one line or one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rushes.api.control import Control
from rushes.cli.text import printable

_NAMED = 5


class Outcome(Protocol):
    """What `Engine.run` returns: how many jobs are parked, how many wait."""

    @property
    def parked(self) -> int: ...
    @property
    def waiting(self) -> int: ...


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
        """`12 delivered, 1 parked: NAME: reason`."""
        parts = [f"{self.delivered} delivered"]
        if self.parked:
            parts.append(f"{self.parked} parked")
        if self.waiting:
            parts.append(f"{self.waiting} {'left for the next run' if self.interrupted else 'waiting'}")
        reasons = [f"{job['name']}: {job['reason'] or job['state']}" for job in self.stuck[:_NAMED]]
        if len(self.stuck) > _NAMED:
            reasons.append(f"and {len(self.stuck) - _NAMED} more")
        return printable(", ".join(parts) + (f": {'; '.join(reasons)}" if reasons else ""))

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
    """Compare the status at the start with that at the end."""
    after = await control.status()
    stuck: Sequence[Mapping[str, Any]] = ()
    if outcome.parked or outcome.waiting:
        stuck = (await control.jobs({"parked", "waiting"}))["jobs"]
    return Summary(
        delivered=_done(after) - _done(before),
        parked=outcome.parked,
        waiting=outcome.waiting,
        interrupted=interrupted,
        stuck=stuck,
    )


def _done(status: Mapping[str, Any]) -> int:
    return int(status["counts"]["jobs"].get("done", 0))
