"""Ids: clips get random ones, all else is derived, so that doing a thing again names it the same."""

from __future__ import annotations

import base64
import hashlib
import os

LENGTH = 12

#: In the id of a job before the turn of its route's name; none where that is the first.
_TURN = "-"
#: `key_of_job` in SQL, over jobs.
KEY_SQL = f"route || CASE WHEN contains(id, '{_TURN}') THEN ' ' || split_part(id, '{_TURN}', 2) ELSE '' END"


def _short(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower()[:LENGTH]


def new_clip_id() -> str:
    """60 random bits."""
    return "c" + _short(os.urandom(8))[1:]


def derived_clip_id(step: str, path: str) -> str:
    """The same for the same output of the same step."""
    return "d" + _short(hashlib.sha256(f"{step}\0{path}".encode()).digest())[1:]


def job_id(clip: str, revision: int, route: str, turn: int = 0) -> str:
    """One (clip, revision, route), at most one job ever: the key is the rule. `turn` is told in `turns`."""
    name = "j" + _short(hashlib.sha256(f"{clip}\0{revision}\0{route}".encode()).digest())[1:]
    return f"{name}{_TURN}{turn}" if turn else name


def route_key(route: str, turn: int) -> str:
    """What tells a route from others that have its name in other turns."""
    return f"{route} {turn}" if turn else route


def key_of_job(job: str, route: str) -> str:
    """The `route_key` of its route, by its id and that route's name."""
    turn = job.partition(_TURN)[2]
    return route_key(route, int(turn)) if turn else route


def by_hand(sink: str) -> str:
    """What stands for the route of a job by which a person sends a clip to a sink."""
    return f"to.{sink}"


def step_id(parent: str, number: int) -> str:
    """The `number`-th step that follows `parent` (a job or the step that made the input)."""
    return f"{parent}.{number}"
