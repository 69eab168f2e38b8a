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
) -> dict[str, Any]:
    """What it is about, why, and the command line that helps; `verbs` are queue verbs that do for the `job`."""
    return {
        "subject": subject, "reason": reason, "remedy": remedy, "kind": kind, "job": job, "clip": clip,
        "component": component, "verbs": list(verbs),
    }  # fmt: skip
