"""What happened to a clip, as its page says it: every kind of event that the engine writes has words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import rushes
from rushes.engine.queue import QUEUE_VERBS
from rushes.page.assets import FOLDER

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the page's modules")

JOB = {
    "id": "j1",
    "sinks": ["frameio"],
    "steps": [
        {"id": "j1.1", "component": "dailies.proxy", "verb": "apply"},
        {"id": "j1.1.1", "component": "frameio", "verb": "deliver"},
    ],
}
#: Those of which only the engine need know.
SILENT = {"job.settled", "step.announced"}
SCRIPT = """
import { knowing, told } from "./views/clip/happened.js";
const { jobs, events } = JSON.parse(process.argv[1]);
const about = knowing(jobs, events, (name) => (name === "frameio" ? "Frame.io" : name));
console.log(JSON.stringify(events.map((event) => told(event, about))));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "static"
    shutil.copytree(FOLDER, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def say(page: Path, *events: dict[str, Any]) -> list[str | None]:
    """Their sentences; the newest event is given first."""
    whole = [
        {"seq": 100 - at, "at": 10.0, "job": "j1", "step": "", "component": "", "detail": {}, **event}
        for at, event in enumerate(events)
    ]
    done = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT, json.dumps({"jobs": [JOB], "events": whole})],
        cwd=page, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    answers: list[str | None] = json.loads(done.stdout)
    return answers


def kinds() -> set[str]:
    """All that the engine writes of a clip or of its jobs."""
    folder = Path(rushes.__file__).parent / "engine"
    text = "".join(path.read_text() for path in folder.rglob("*.py"))
    found = set(re.findall(r'"((?:clip|job|step|match)\.[a-z_]+)"', text))
    return found | {f"job.{verb}" for verb in QUEUE_VERBS}


def test_every_kind_has_words(page):
    every = sorted(kinds())
    assert len(every) > 20
    source = (page / "views" / "clip" / "happened.js").read_text()
    for kind in every:
        assert f'"{kind}"' in source or kind.startswith("match."), kind
    events = [
        {"kind": kind, "detail": {"text": "a word", "name": "T1.wav", "about": "audio"}} for kind in every
    ]
    for kind, text in zip(every, say(page, *events), strict=True):
        assert (text is None) == (kind in SILENT), kind
        assert text is None or not re.search(r"\b(step|job|undefined|null|NaN)\b|parked|settled", text), text


def test_sentences(page):
    proxy = {"step": "j1.1", "component": "dailies.proxy"}
    sent = {"step": "j1.1.1", "component": "frameio"}
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"kind": "job.retry"}, "Retried by a person for Frame.io"),
        ({"kind": "job.top"}, "Moved to the top of the queue by a person for Frame.io"),
        ({"kind": "step.parked", **sent, "detail": {"reason": "422"}}, "Failed, not sent to Frame.io: 422"),
        ({"kind": "step.parked", **proxy, "detail": {"reason": "bad"}}, "Failed, no proxy was made: bad"),
        ({"kind": "step.done", **sent, "at": 14.0, "detail": {"receipt": {"checked": "xxh3_64 read back"}}},
         "Sent to Frame.io in 1.5\u00a0s, checked with xxh3 and read back"),
        ({"kind": "step.started", **sent, "at": 12.5}, "Started sending to Frame.io"),
        ({"kind": "step.done", **proxy, "at": 12.0, "detail": {"outputs": ["a.mp4"]}}, "Proxy done in 3.2\u00a0s"),
        ({"kind": "step.started", **proxy, "at": 8.8}, "Started: proxy"),
        ({"kind": "step.waiting", "detail": {"reason": "no pair; run: pipeline frameio pair F"}}, "Waiting: no pair"),
        ({"kind": "job.planned"}, "Queued for Frame.io"),
        ({"kind": "job.strange_thing", "detail": {"reason": "why"}}, "Job strange thing: why"),
    ]  # fmt: skip
    assert say(page, *(event for event, _ in cases)) == [text for _, text in cases]
