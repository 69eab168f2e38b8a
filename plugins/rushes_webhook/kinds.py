"""What events there are, and patterns of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate

#: Every kind of event that the engine writes.
KINDS = (
    "clip.admitted",
    "clip.annotated",
    "clip.changed",
    "clip.completed",
    "clip.unrouted",
    "component.back",
    "component.failed",
    "component.lost",
    "component.said",
    "delivery.kept",
    "job.cancel",
    "job.changed",
    "job.hold",
    "job.move",
    "job.planned",
    "job.release",
    "job.retry",
    "job.settled",
    "job.top",
    "job.withdrawn",
    "match.accepted",
    "match.rejected",
    "match.taken_back",
    "pipeline.reload_refused",
    "pipeline.reloaded",
    "pipeline.started",
    "pipeline.stopped",
    "records.admitted",
    "step.announced",
    "step.done",
    "step.note",
    "step.parked",
    "step.started",
    "step.waiting",
    "switch.auto",
    "switch.manual",
    "switch.pause",
    "switch.resume",
)

#: What people want to hear of: what came, where it goes, that it is there, what needs somebody.
DEFAULT = (
    "clip.admitted",
    "job.planned",
    "step.done",
    "step.parked",
    "component.lost",
    "component.back",
    "component.failed",
    "pipeline.*",
)


def matcher(patterns: Sequence[str]) -> re.Pattern[str]:
    """Matches the kinds that one of the patterns does; `*` stands for anything."""
    return re.compile("|".join(map(translate, patterns)))
