"""Ids: clips get random ones, all else is derived, so that doing a thing again names it the same."""

from __future__ import annotations

import base64
import hashlib
import os

LENGTH = 12


def _short(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower()[:LENGTH]


def new_clip_id() -> str:
    """60 random bits."""
    return "c" + _short(os.urandom(8))[1:]


def derived_clip_id(step: str, path: str) -> str:
    """The same for the same output of the same step."""
    return "d" + _short(hashlib.sha256(f"{step}\0{path}".encode()).digest())[1:]


def job_id(clip: str, revision: int, route: str) -> str:
    """One (clip, revision, route), at most one job ever: the key is the rule."""
    return "j" + _short(hashlib.sha256(f"{clip}\0{revision}\0{route}".encode()).digest())[1:]


def by_hand(sink: str) -> str:
    """What stands for the route of a job by which a person sends a clip to a sink."""
    return f"to.{sink}"


def step_id(parent: str, number: int) -> str:
    """The `number`-th step that follows `parent` (a job or the step that made the input)."""
    return f"{parent}.{number}"
