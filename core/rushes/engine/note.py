"""One thing that needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

NoteKind = Literal[
    "parked", "waiting", "match", "media", "component", "card", "ledger", "disk", "clock", "rules"
]


def note(
    kind: NoteKind,
    subject: str,
    reason: str,
    remedy: str = "",
    *,
    jobs: Sequence[str] = (),
    clip: str = "",
    component: str = "",
    verbs: Sequence[str] = (),
    to: Sequence[str] = (),
    problem: str = "",
    things: int = 1,
    by_itself: bool = False,
    failed_at: float | None = None,
    again_at: float | None = None,
) -> dict[str, Any]:
    """What it is about, why, and the command line that helps; `verbs` are queue verbs that do for the `jobs`.

    `to` are the sinks that do not get it, `problem` is what is wrong with the clip's media.

    `by_itself`: it goes on without a person, who is only told. `failed_at`, when it failed last,
    and `again_at`, when it is tried again, are in epoch seconds; None is not known.

    A note that stands for what is not told one by one says for how many `things`: all notes together for all there is.
    """
    return {
        "subject": subject, "reason": reason, "remedy": remedy, "kind": kind, "jobs": list(jobs), "clip": clip,
        "component": component, "verbs": list(verbs), "to": list(to), "problem": problem, "things": things,
        "by_itself": by_itself, "failed_at": failed_at, "again_at": again_at,
    }  # fmt: skip
