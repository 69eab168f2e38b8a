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
    job: str = "",
    clip: str = "",
    component: str = "",
    verbs: Sequence[str] = (),
    to: Sequence[str] = (),
    problem: str = "",
    things: int = 1,
) -> dict[str, Any]:
    """What it is about, why, and the command line that helps; `verbs` are queue verbs that do for the `job`.

    `to` are the sinks of the job, `problem` is what is wrong with the clip's media.

    A note that stands for what is not told one by one says for how many `things`: all notes together for all there is.
    """
    return {
        "subject": subject, "reason": reason, "remedy": remedy, "kind": kind, "job": job, "clip": clip,
        "component": component, "verbs": list(verbs), "to": list(to), "problem": problem, "things": things,
    }  # fmt: skip
