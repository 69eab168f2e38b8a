"""A shooting day on the stage: `pipeline masterlockit simulate` as a process, and what it says it recorded."""

from __future__ import annotations

import json
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rushes import RushesError
from rushes_sandbox.stage import Process, Stage

#: What the pipeline, as the hub, and the devices must know of each other; nobody else is let in.
_KEY, _SECRET = "RUSHES_MASTERLOCKIT_API_KEY", "RUSHES_MASTERLOCKIT_API_SECRET"

#: Who makes files, and where below the media folder they lie.
DEVICES = ("A-Cam", "B-Cam", "Recorder")


@dataclass(frozen=True, kw_only=True)
class SetFile:
    """A file that a device of the set recorded: `path` is relative to the media folder, `clip` the id of its record.

    `take` is scene, slate and take as one, `frames` counts timecode.
    """

    device: str
    path: str
    clip: str
    take: str
    circled: bool
    timecode: str
    frames: int

    @property
    def filename(self) -> str:
        """The last part of the path, extension included."""
        return self.path.rpartition("/")[2]

    @property
    def kind(self) -> Literal["video", "audio"]:
        return "audio" if self.path.lower().endswith(".wav") else "video"


@dataclass(frozen=True)
class Happening:
    """A line of the day: its timecode, who, what, and of which take."""

    timecode: str
    device: str
    what: str
    text: str


class Shoot:
    """The day. It goes on while the hub is away; its devices stay until `end`."""

    def __init__(
        self, stage: Stage, media: Path, *, port: int, takes: int, seconds: float, factor: float
    ) -> None:
        self.media = media
        self._told = 0
        self.wrapped = False
        self._process: Process = stage.start(
            *("masterlockit", "simulate", "--hub", f"127.0.0.1:{port}", "--media", str(media)),
            *("--takes", str(takes), "--seconds", f"{seconds:g}", "--factor", f"{factor:g}"),
            *("--stay", "--json"),
            name="simulate",
        )

    def happened(self) -> Iterator[Happening]:
        """What happened since the last time. Raises RushesError where the day ended before it was told to."""
        text = self._process.err.read_text("utf-8", "replace")
        lines = text[: text.rfind("\n") + 1].splitlines()
        for line in lines[self._told :]:
            happening = Happening(line[:11], line[13:22].strip(), line[22:30].strip(), line[30:].strip())
            self.wrapped = self.wrapped or happening.what == "wrap"
            yield happening
        self._told = len(lines)
        if not self._process.running:
            raise RushesError(
                f"the shooting day ended with status {self._process.status}{self._process.last_words()}"
            )

    def files(self) -> list[Path]:
        """What lies in the media folder now."""
        return [
            path for path in sorted(self.media.rglob("*")) if path.is_file() and not path.name.startswith(".")
        ]

    def end(self) -> Mapping[str, Any]:
        """The devices leave; the document that they end with."""
        self._process.signal(signal.SIGTERM)
        self._process.wait(30)
        try:
            document: Mapping[str, Any] = json.loads(self._process.out.read_bytes())
        except ValueError:
            raise RushesError(f"the shooting day ended without a word{self._process.last_words()}") from None
        return document


def recorded(document: Mapping[str, Any]) -> list[SetFile]:
    """The files of the day, device by device."""
    return sorted(
        (SetFile(**each) for each in document["recordings"]),
        key=lambda file: (DEVICES.index(file.device), file.timecode),
    )


def credentials() -> Mapping[str, str]:
    """A key and a secret of this stage's own, as its children's environment has them."""
    return {_KEY: secrets.token_hex(12), _SECRET: secrets.token_hex(16)}


def free_port() -> int:
    """A port that was free a moment ago: the hub must have the same one when it is started again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
