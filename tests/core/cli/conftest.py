"""A pipeline file, a fake of the running pipeline, and the command in process."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rushes.cli import view
from rushes.cli.root import cli
from rushes.errors import NotAuthorised, NotFound

STATUS = {
    "pipeline": "onset",
    "file": "/x/onset.yaml",
    "running": True,
    "draining": False,
    "since": 1700000000.0,
    "pid": 7,
    "components": [
        {
            "id": "cards",
            "use": "folder",
            "kind": "source",
            "state": "open",
            "reason": "",
            "facts": {"mode": "inotify"},
            "actions": [],
        },
        {
            "id": "cloud",
            "use": "frameio",
            "kind": "sink",
            "state": "unavailable",
            "reason": "no network",
            "facts": {},
            "actions": ["pair"],
        },
    ],
    "counts": {
        "clips": 12,
        "jobs": {
            "ready": 0,
            "running": 1,
            "waiting": 1,
            "done": 9,
            "parked": 1,
            "cancelled": 0,
            "withdrawn": 0,
        },
        "files_remaining": 2,
        "unmade": 0,
        "bytes_remaining": 1_250_000_000,
        "rate": 50_000_000.0,
        "eta_s": 25.0,
        "sinks": [],
    },
    "route_waits": [],
    "switches": {"paused": [], "auto": {}},
    "current": [
        {
            "job": "j1",
            "step": "s1",
            "clip": "c1",
            "name": "A001C001.mov",
            "component": "cloud",
            "verb": "deliver",
            "done": 250_000_000,
            "total": 1_000_000_000,
            "rate": 50_000_000.0,
            "growing": False,
            "eta_s": 15.0,
        },
        {
            "job": "j2",
            "step": "s2",
            "clip": "c2",
            "name": "A001C002\x1b[2J.mov",
            "component": "proxy",
            "verb": "apply",
            "done": 0.5,
            "total": 1.0,
            "rate": None,
            "growing": False,
            "eta_s": None,
        },
    ],
    "attention": [
        {
            "subject": "B002.mov",
            "reason": "no moov atom",
            "remedy": "copy it again",
            "things": 1,
            "by_itself": False,
        },
    ],
}
STEP = {
    "id": "s1",
    "component": "cloud",
    "verb": "deliver",
    "state": "done",
    "reason": "",
    "until": None,
    "attempts": 1,
    "name": "A001C001.mov",
    "size": 5_000_000,
    "receipt": {
        "where": "Frame.io",
        "id": "a1",
        "size": 5_000_000,
        "sent": 5_000_000,
        "checked": "md5",
        "placeholders": 0,
    },
}
JOBS = [
    {
        "id": "j1aaa",
        "clip": "c1",
        "name": "A001C001.mov",
        "card": "A001",
        "route": "dailies",
        "state": "done",
        "reason": "",
        "until": None,
        "priority": 100,
        "urgent": False,
        "size": 5_000_000,
        "steps": [STEP],
    },
    {
        "id": "j2bbb",
        "clip": "c2",
        "name": "B002.mov",
        "card": "A001",
        "route": "dailies",
        "state": "parked",
        "reason": "no moov atom",
        "until": None,
        "priority": 100,
        "urgent": True,
        "size": 12,
        "steps": [],
    },
]
CLIP = {
    "clip": {
        "id": "c1",
        "path": "A001/A001C001.mov",
        "card": "A001",
        "size": 5_000_000,
        "kind": "video",
        "note": None,
        "codec": "h264",
        "scene": "12A",
        "take": "3",
        "meta": {"look": "day"},
    },
    "tellers": {
        "codec": {"by": "probe", "basis": "file", "of": []},
        "scene": {"by": "match", "basis": "record", "of": [{"kind": "record", "id": "r1", "name": "A-Cam"}]},
        "take": {
            "by": "match",
            "basis": "record",
            "of": [{"kind": "clip", "id": "c9", "name": "NOCTURNE-2026-11-22-UNIT-1-SCENE-12A-TAKE-3_1.WAV"}],
        },
        "look": {"by": "notes", "basis": "person", "of": []},
    },
    "findings": [
        {"annotator": "probe", "basis": "file", "values": {"codec": "h264", "scene": "12"}, "problem": ""}
    ],
    "routes": [
        {
            "route": "dailies",
            "when": "kind = 'video'",
            "else": False,
            "final": False,
            "hit": True,
            "matched": True,
            "why": "",
            "priority": 0,
        },
        {
            "route": "sound",
            "when": "kind = 'audio'",
            "else": False,
            "final": False,
            "hit": False,
            "matched": False,
            "priority": None,
            "why": "not kind = 'audio' (kind is 'video')",
        },
    ],
    "jobs": [JOBS[0]],
    "links": [
        {
            "other": "c9",
            "kind": "sound",
            "annotator": "match",
            "score": 0.9,
            "state": "matched",
            "evidence": {"overlap_frames": 240},
            "name": "12A-3.WAV",
            "card": "SOUND1",
            "folder": "",
            "recorder": "",
            "verbs": ["reject"],
        }
    ],
    "earlier": False,
    "events": [
        {"seq": 1, "at": 1700000000.0, "kind": "clip.admitted", "component": "cards", "detail": {}},
        {
            "seq": 2,
            "at": 1700000001.0,
            "kind": "step.done",
            "component": "proxy",
            "detail": {"outputs": ["A001C001.mov", "A001C001.wav"]},
        },
    ],
}


RUN_ORDER = ("running", "ready", "waiting", "parked", "cancelled", "withdrawn", "done")


class FakeView:
    """What a running pipeline answers."""

    runs = True

    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.document = copy.deepcopy(STATUS)

    def status(self):
        return self.document

    def jobs(self, states=(), *, order="oldest"):
        jobs = JOBS if order == "oldest" else sorted(JOBS, key=lambda job: RUN_ORDER.index(job["state"]))
        return {"jobs": [job for job in jobs if not states or job["state"] in states]}

    def clip(self, ref):
        if ref != "c1":
            raise NotFound(f"no clip {ref}; give an id, a file name or a path")
        return CLIP

    def queue(self, verb, ids, *, all=False):  # noqa: A002 - as `Control.queue`
        self.asked.append((verb, list(ids), all))
        if "zz" in ids:
            raise NotFound("no job zz; see pipeline queue FILE list")
        return {"changed": list(ids) or ["j1aaa", "j2bbb"]}

    def switch(self, word, names):
        self.asked.append(("switch", word, tuple(names)))
        return {"paused": ["cloud"] if word == "pause" else [], "auto": {"dailies": False}}

    def add(self, clip, sink, route):
        self.asked.append(("add", clip, sink, route))
        return {"job": "j3"}

    def act(self, component, action, arguments, tell):
        self.asked.append(("act", component, action, dict(arguments)))
        if action == "whoami":
            raise NotAuthorised("not paired; run pipeline frameio pair FILE")
        tell({"code": "123456"})
        return {"paired": True}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "onset.yaml"
    path.write_text("pipeline: onset\nstate: ./state\n")
    return str(path)


@pytest.fixture
def fake(monkeypatch) -> FakeView:
    """The pipeline of every file runs."""
    fake = FakeView()
    monkeypatch.setattr(view, "connect", lambda _state: fake)
    return fake


@pytest.fixture
def pipeline():
    """Run the command in process."""

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), prog_name="pipeline")

    return call
