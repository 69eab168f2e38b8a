"""Run the main job end to end on this machine: a card in, its proxies out, a pulled plug between.

The pipeline is a process of its own, watched from outside as a person would; what it delivered is judged by
the bytes that the sandbox holds (`verdict.py`).
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rushes import RushesError
from rushes_sandbox.camera import Camera
from rushes_sandbox.card import make_card
from rushes_sandbox.stage import Process, Sandbox, Stage
from rushes_sandbox.verdict import Verdict, judge

#: Exit statuses of `pipeline run`: all delivered; something is parked or waits.
SETTLED = (0, 3)

#: Small parts and a slow service, so that there is a middle of an upload to be killed in.
PART_SIZE = "1MiB"
PARTS_IN_FLIGHT = 2
PART_DELAY_S = 0.3

_PIPELINE = """\
# What `pipeline demo` runs: pictures leave as proxies, sound and stills as they are.
# `safety` keeps the proxies that were sent, for the demo to compare with what arrived.
pipeline: demo
state: ./state
sources:
  - {{id: cards, use: folder, path: ./cards, settle: 1s, patience: 5s}}
prepare: [probe]
sinks:
  - {{id: frameio, use: frameio, api_url: {url}, ca_file: {ca_file}, parts_in_flight: {parts_in_flight}}}
  - {{id: safety, use: disk, path: ./safety}}
routes:
  - id: dailies
    when: kind = 'video' and role = 'original'
    steps: [{{use: proxy, height: 720, bitrate: 6M}}]
    to: [frameio, safety]
    priority: 100
  - {{id: sound, when: kind = 'audio', to: [frameio]}}
  - {{id: stills, when: kind = 'image', to: [frameio]}}
"""


def _run(keep: Path | None, seconds: float, as_json: bool) -> None:
    console = Console(stderr=as_json, highlight=False)
    started = time.monotonic()
    with _ended_by_signals(), _folder(keep) as root, Stage(root) as stage:
        killed, verdict = _play(stage, seconds, lambda line: _say(console, started, line))
    took = time.monotonic() - started
    if as_json:
        click.echo(json.dumps({**verdict.document(), "killed": killed, "seconds": round(took, 1)}))
    else:
        _show(console, verdict, took)
    if not verdict.holds:
        sys.exit(1)


def _play(stage: Stage, seconds: float, say: Callable[[str], None]) -> tuple[Mapping[str, Any], Verdict]:
    """The story: where the pipeline was killed, and what came of it."""
    made = stage.root / "made"
    with ThreadPoolExecutor(1) as pool:
        shooting = pool.submit(make_card, made, seconds=seconds)
        sandbox = stage.sandbox("--part-size", PART_SIZE, "--interval", "1s")
        say(f"sandbox listens on {sandbox.url}")
        file = _write(stage, sandbox)
        stage.pair(file, sandbox)
        say("paired by its six digits")
        files = shooting.result()
    say(f"shot {len(files)} files, one of them broken")
    sandbox.slow(PART_DELAY_S)
    first = stage.run(file)
    say("pipeline runs; the camera records onto its card")
    with Camera(made, stage.cards, files, piece_s=0.05, pause_s=1.5) as camera:
        killed = _kill_in_the_middle(first, sandbox, timeout_s=90)
        say(f"SIGKILL after {killed['parts_done']} of {killed['parts']} parts of {killed['name']}")
        sandbox.clear()
        camera.wait(60)
    second = stage.run(file, "--once")
    say("pipeline runs again, until nothing is left to do")
    _wait_for_end(second, sandbox, say, timeout_s=120)
    say("done; comparing bytes")
    verdict = judge(
        files,
        stage.jobs(file),
        sandbox.assets(),
        breaches=sandbox.breaches(),
        card=stage.cards,
        copies=stage.root / "safety",
    )
    return killed, verdict


def _write(stage: Stage, sandbox: Sandbox) -> Path:
    (stage.root / "safety").mkdir(exist_ok=True)
    return stage.write(
        _PIPELINE.format(
            url=json.dumps(sandbox.url), ca_file=json.dumps(sandbox.ca_file), parts_in_flight=PARTS_IN_FLIGHT
        ),
        "demo.yaml",
    )


def _kill_in_the_middle(process: Process, sandbox: Sandbox, timeout_s: float) -> dict[str, Any]:
    """Kill when some parts of a proxy have arrived and others have not."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if not process.running:
            raise RushesError(f"the pipeline ended with status {process.status}{process.last_words()}")
        for asset in sandbox.assets():
            arrived = sum(part["puts"] > 0 for part in asset["parts"])
            if asset["filetype"].startswith("video/") and 0 < arrived < len(asset["parts"]) - 1:
                process.kill()
                return {"name": asset["name"], "parts_done": arrived, "parts": len(asset["parts"])}
        time.sleep(0.02)
    raise RushesError(f"no upload of a proxy began within {timeout_s:.0f} s{process.last_words()}")


def _wait_for_end(process: Process, sandbox: Sandbox, say: Callable[[str], None], timeout_s: float) -> None:
    """Say which assets become complete, until the pipeline ends."""
    until = time.monotonic() + timeout_s
    told = {asset["id"] for asset in sandbox.assets() if asset["state"] == "complete"}
    running = True
    while running:
        if time.monotonic() > until:
            raise RushesError(f"the pipeline did not end within {timeout_s:.0f} s{process.last_words()}")
        running = process.running
        for asset in sandbox.assets():
            if asset["state"] == "complete" and asset["id"] not in told:
                told.add(asset["id"])
                say(f"arrived: {asset['name']} ({asset['filesize']:,} bytes)")
        time.sleep(0.1)
    if process.status not in SETTLED:
        raise RushesError(f"the pipeline ended with status {process.status}{process.last_words()}")


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


def _say(console: Console, started: float, line: str) -> None:
    console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {line}")


def _show(console: Console, verdict: Verdict, took_s: float) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for heading in ("clip", "route", "proxy from", "size", "parts", "re-sent", "verified"):
        right = heading in {"size", "parts", "re-sent"}
        table.add_column(heading, justify="right" if right else "left", no_wrap=heading != "verified")
    for clip in verdict.clips:
        mark = f"[red]{escape(clip.problem)}[/]" if clip.problem else f"[green]{clip.sha256[:8]}[/]"
        table.add_row(
            clip.name,
            clip.route,
            clip.timecode or "-",
            _mb(clip.size),
            str(clip.parts),
            _mb(clip.resent),
            mark,
        )
    console.print()
    console.print(table)
    for name, reason in verdict.parked:
        console.print(f"parked: {name}: {reason}", style="yellow", markup=False)
    if verdict.placeholders:
        console.print(f"{verdict.placeholders} empty placeholder(s) left by answers that the kill lost")
    for problem in verdict.problems:
        console.print(problem, style="red", markup=False)
    end = (
        "everything arrived once, and is what was sent"
        if verdict.holds
        else "not everything is as it must be"
    )
    console.print(f"{end} ({took_s:.0f} s)", style="bold green" if verdict.holds else "bold red")


def _mb(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


command = click.Command(
    "demo",
    callback=_run,
    help="Run the main job end to end on this machine: a card in, its proxies out, a pulled plug between.",
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
            help="Length of each recording.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document."),
    ],
)
