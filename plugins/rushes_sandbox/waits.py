"""What the demo waits for, and tells while it does: a moment to pull the plug, a wrap, every file, an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.markup import escape

from rushes import RushesError
from rushes_sandbox.card import CardFile
from rushes_sandbox.shoot import DEVICES, Shoot
from rushes_sandbox.stage import Process, Sandbox

#: Exit statuses of `pipeline run`: all delivered; something is parked or waits.
SETTLED = (0, 3)


def _news(shoot: Shoot, say: Callable[[str], None]) -> None:
    """Tell of the day what a visitor would hear: which take, which is circled, that is a wrap."""
    for happening in shoot.happened():
        match happening.what, happening.device:
            case "slate", _:
                say(f"[dim]{happening.timecode}[/]  slate {escape(happening.text)}")
            case "circled", "A-Cam":
                say(f"[dim]{happening.timecode}[/]  [yellow]circled[/] {escape(happening.text.split()[0])}")
            case "back", device if device in DEVICES:
                say(f"[dim]{happening.timecode}[/]  {device} is back: {happening.text}")
            case "wrap", _:
                say(f"[dim]{happening.timecode}[/]  that is a wrap")


def kill_in_the_middle(
    process: Process, sandbox: Sandbox, shoot: Shoot, say: Callable[[str], None], timeout_s: float
) -> dict[str, Any]:
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
        _news(shoot, say)
        time.sleep(0.02)
    raise RushesError(f"no upload of a proxy began within {timeout_s:.0f} s{process.last_words()}")


def wait_for_wrap(process: Process, shoot: Shoot, say: Callable[[str], None], timeout_s: float) -> None:
    until = time.monotonic() + timeout_s
    while not shoot.wrapped:
        if not process.running:
            raise RushesError(f"the pipeline ended with status {process.status}{process.last_words()}")
        if time.monotonic() > until:
            raise RushesError(f"the shooting day was not over within {timeout_s:.0f} s")
        _news(shoot, say)
        time.sleep(0.1)


def wait_for_all(
    process: Process,
    sandbox: Sandbox,
    shoot: Shoot,
    files: Sequence[CardFile],
    say: Callable[[str], None],
    timeout_s: float,
) -> None:
    """Return when every file of set and card has arrived, while the devices and so their channels are there.

    What has not arrived in time is the verdict's business.
    """
    until = time.monotonic() + timeout_s
    wanted = {path.name for path in shoot.files()} | {file.filename for file in files if not file.broken}
    missing = wanted
    while missing and process.running and time.monotonic() < until:
        time.sleep(0.1)
        missing = wanted - {asset["name"] for asset in sandbox.assets() if asset["state"] == "complete"}
    say(f"{len(wanted) - len(missing)} of {len(wanted)} files have arrived")


def wait_for_end(process: Process, timeout_s: float) -> None:
    if process.wait(timeout_s) not in SETTLED:
        raise RushesError(f"the pipeline ended with status {process.status}{process.last_words()}")
