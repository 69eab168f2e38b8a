"""Run the main job end to end on this machine: a set that shoots, a card in, a pulled plug between.

Two cameras and a recorder are on the set's network: the pipeline is their hub, so that it has a record of each clip
and a channel for each device. A third camera is not, and comes as a card. The pipeline is a
process of its own, watched from outside as a person would; what it delivered is judged by the bytes that the sandbox
holds, and by what its ledger remembers (`verdict.py`).
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
from rich.console import Console

from rushes import RushesError
from rushes_sandbox.camera import Camera
from rushes_sandbox.card import make_card
from rushes_sandbox.evidence import SET_RATE
from rushes_sandbox.screen import say, show
from rushes_sandbox.shoot import DEVICES, Shoot, credentials, free_port, recorded
from rushes_sandbox.stage import Sandbox, Stage
from rushes_sandbox.verdict import Verdict, judge
from rushes_sandbox.waits import kill_in_the_middle, wait_for_all, wait_for_end, wait_for_wrap

#: Small parts and a slow service, so that there is a middle of an upload to be killed in.
PART_SIZE = "1MiB"
PARTS_IN_FLIGHT = 2
PART_DELAY_S = 0.3

#: A short day, faster than real: it is over some 30 s after it began.
TAKES, TAKE_S, FACTOR = 6, 4.0, 12.0

#: The camera that is not on the set's network.
LETTER = "C"

_PIPELINE = """\
# What `pipeline demo` runs. The set's devices connect to the source `set`, which is their hub; their files come by
# folders of their own, and each device has a channel. Pictures of the card leave as proxies, all else as it is.
# `safety` keeps the proxies that were sent, for the demo to compare with what arrived.
pipeline: demo
state: ./state
sources:
  - {{id: set, use: masterlockit, listen: "127.0.0.1:{port}", project_rate: "{rate}", alias: Demo}}
  - {{id: a-cam, use: folder, path: ./set/A-Cam, device: A-Cam, settle: 1s}}
  - {{id: b-cam, use: folder, path: ./set/B-Cam, device: B-Cam, settle: 1s}}
  - {{id: recorder, use: folder, path: ./set/Recorder, device: Recorder, settle: 1s}}
  - {{id: cards, use: folder, path: ./cards, settle: 1s, patience: 5s}}
prepare: [probe, match]
sinks:
  - id: frameio
    use: frameio
    api_url: {url}
    ca_file: {ca_file}
    parts_in_flight: {parts_in_flight}
    devices: {{camera/A-Cam: A-Cam, camera/B-Cam: B-Cam, recorder: Recorder}}    # in the sandbox any model id will do
  - {{id: safety, use: disk, path: ./safety}}
routes:
  - id: dailies
    when: kind = 'video' and role = 'original' and device is null
    steps: [{{use: proxy, height: 720, bitrate: 6M}}]
    to: [frameio, safety]
    priority: 100
  - {{id: set, when: "kind = 'video' and device is not null", to: [frameio]}}
  - {{id: sound, when: kind = 'audio', to: [frameio]}}
  - {{id: stills, when: kind = 'image', to: [frameio]}}
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How the story ended: where the pipeline was killed, what was said in two ways, the verdict."""

    killed: Mapping[str, Any]
    conflicts: Sequence[Mapping[str, Any]]
    reconnected: int
    verdict: Verdict

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            **self.verdict.document(),
            "killed": self.killed,
            "conflicts": self.conflicts,
            "reconnected": self.reconnected,
        }


def _run(keep: Path | None, seconds: float, as_json: bool) -> None:
    console = Console(stderr=as_json, highlight=False)
    started = time.monotonic()
    with _ended_by_signals(), _folder(keep) as root, Stage(root) as stage:
        found = _play(stage, seconds, lambda line: say(console, started, line))
    took = time.monotonic() - started
    if as_json:
        click.echo(json.dumps({**found.document(), "seconds": round(took, 1)}))
    else:
        show(console, found.verdict, found.conflicts, took)
    if not found.verdict.holds:
        sys.exit(1)


def _play(stage: Stage, seconds: float, say: Callable[[str], None]) -> Found:
    """The story."""
    made, media, port = stage.root / "made", stage.root / "set", free_port()
    stage.env.update(credentials())
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(make_card, made, seconds=seconds, letter=LETTER)
        sandbox = stage.sandbox("--part-size", PART_SIZE, "--interval", "1s")
        say(f"sandbox listens on {sandbox.url}")
        file = _write(stage, sandbox, port)
        stage.pair(file, sandbox)
        say("paired by its six digits")
        files = loading.result()
    say(f"a card of {len(files)} files is there, one of them broken")
    sandbox.slow(PART_DELAY_S)
    first = stage.run(file)
    shoot = Shoot(stage, media, port=port, takes=TAKES, seconds=TAKE_S, factor=FACTOR)
    say(f"pipeline runs and is the set's hub: day 1, {FACTOR:g} times as fast as real")
    with Camera(made, stage.cards, files, piece_s=0.05, pause_s=1.5) as camera:
        killed = kill_in_the_middle(first, sandbox, shoot, say, timeout_s=90)
        say(
            f"[bold red]SIGKILL[/] after {killed['parts_done']} of {killed['parts']} parts of {killed['name']}"
        )
        sandbox.clear()
        second = stage.run(file)
        say("pipeline runs again; the devices look for their hub")
        wait_for_wrap(second, shoot, say, timeout_s=120)
        camera.wait(60)
    wait_for_all(second, sandbox, shoot, files, say, timeout_s=90)
    document = shoot.end()
    second.signal(signal.SIGTERM)
    second.wait(30)
    third = stage.run(file, "--once")
    say("once more, until nothing is left to do")
    wait_for_end(third, timeout_s=60)
    say("done; comparing records, timecode and bytes")
    day = recorded(document)
    verdict = judge(
        files,
        day,
        stage.jobs(file),
        sandbox.assets(),
        stage.records(file),
        sound={shot.filename: stage.sound_of(file, shot.filename) for shot in day if shot.kind == "video"},
        breaches=sandbox.breaches(),
        card=stage.cards,
        media=media,
        copies=stage.root / "safety",
    )
    if not document["ok"]:
        problem = f"the hub acknowledged {document['acked']} of {document['said']} records of the day"
        verdict = replace(verdict, problems=[*verdict.problems, problem])
    conflicts = stage.ask("masterlockit", "conflicts", str(file))["conflicts"]
    return Found(killed=killed, conflicts=conflicts, reconnected=document["reconnected"], verdict=verdict)


def _write(stage: Stage, sandbox: Sandbox, port: int) -> Path:
    for folder in ("safety", *(f"set/{device}" for device in DEVICES)):
        (stage.root / folder).mkdir(parents=True, exist_ok=True)
    return stage.write(
        _PIPELINE.format(
            url=json.dumps(sandbox.url),
            ca_file=json.dumps(sandbox.ca_file),
            parts_in_flight=PARTS_IN_FLIGHT,
            port=port,
            rate=SET_RATE,
        ),
        "demo.yaml",
    )


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="rushes-demo-") as root:
            yield Path(root)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise RushesError(f"{keep}: is not empty; name a new folder")
    yield keep.absolute()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A terminated demo cleans up as an interrupted one does."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # `nohup` ignores a hangup, and so do we
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


command = click.Command(
    "demo",
    callback=_run,
    help="Run the main job end to end on this machine: a set that shoots, a card in, a pulled plug between.",
    params=[
        click.Option(
            ["--keep"],
            type=click.Path(file_okay=False, path_type=Path),
            help="A new folder to work in, kept afterwards.",
        ),
        click.Option(
            ["--seconds"],
            type=click.FloatRange(4, 60),
            default=8,
            show_default=True,
            help="Length of each recording on the card.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document."),
    ],
)
