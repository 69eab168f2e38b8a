"""The media files of a simulated day: small, exact, and there when the camera has cut."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import trio

from rushes import Permanent, RushesError
from rushes_masterlockit.simulate.devices import A_CAM, RECORDER
from rushes_masterlockit.simulate.records import TRACKS, Recording
from rushes_masterlockit.simulate.script import Kind

SAMPLE_RATE = 48_000
_SIZE = "320x180"

#: Hertz of each track's tone.
_TONES = (250, 500, 750, 1000)

#: Two files at once, so that a machine of two cores is still one to work on.
_AT_ONCE = 2


class Media:
    """Files below a folder, one folder a device; made ahead under hidden names, renamed at their cut."""

    def __init__(self, folder: Path, *, ffmpeg: str = "") -> None:
        """`ffmpeg` is the binary of imageio-ffmpeg unless named."""
        self._folder = folder
        self._ffmpeg = ffmpeg or imageio_ffmpeg.get_ffmpeg_exe()
        self._slots = trio.CapacityLimiter(_AT_ONCE)
        self._made: dict[str, trio.Event] = {}
        self.there: list[Path] = []

    def expect(self, recordings: list[Recording]) -> None:
        """Make the folders. Raises RushesError where they cannot be made, or one of the files is there already."""
        for recording in recordings:
            path = self._folder / recording.path
            self._made[recording.path] = trio.Event()
            if path.exists():
                raise RushesError(f"{path}: is there already; name an empty --media folder")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RushesError(
                    f"{path.parent}: cannot be made ({error.strerror}); name another --media"
                ) from error

    async def make(self, recording: Recording) -> None:
        """The whole file, under its hidden name. Raises Permanent when ffmpeg fails."""
        async with self._slots:
            await self._run(recording)
        self._made[recording.path].set()

    async def cut(self, recording: Recording) -> None:
        """The file appears, as soon as it is made."""
        await self._made[recording.path].wait()
        path = self._folder / recording.path
        try:
            self._hidden(recording).rename(path)
        except OSError as error:
            raise RushesError(f"{path}: cannot be written ({error.strerror})") from error
        self.there.append(path)

    def clean(self) -> None:
        """Nothing hidden is left of a day that ended early."""
        for name in self._made:
            _hidden(self._folder / name).unlink(missing_ok=True)

    def _hidden(self, recording: Recording) -> Path:
        return _hidden(self._folder / recording.path)

    async def _run(self, recording: Recording) -> None:
        arguments = _sound(recording) if recording.device.name == RECORDER else _picture(recording)
        command = [self._ffmpeg, "-v", "error", "-nostdin", "-y", *arguments, str(self._hidden(recording))]
        try:
            done = await trio.run_process(command, capture_stderr=True, check=False, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise Permanent(f"{self._ffmpeg}: {error.strerror}; media files are made with ffmpeg") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise Permanent(f"ffmpeg failed on {recording.name}: {said[-1] if said else 'no output'}")


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def samples(recording: Recording) -> int:
    """How many samples a sound file has of each track."""
    rate = recording.production.rate.exact
    return int(recording.stop * SAMPLE_RATE / rate) - int(recording.start * SAMPLE_RATE / rate)


def _picture(recording: Recording) -> list[str]:
    """A moving test pattern, its colours turned for each camera and take; a scratch track unless it is MOS."""
    production, frames = recording.production, recording.stop - recording.start
    rate, first = production.rate.exact, recording.device.name == A_CAM
    turned = (0 if first else 120) + 25 * recording.shot.take
    length = float(frames / rate)
    sound = recording.shot.kind is not Kind.MOS
    tone = f"sine=frequency={_TONES[0]}:beep_factor=4:sample_rate={SAMPLE_RATE}:duration={length:.6f}"
    return [
        *("-f", "lavfi", "-i", f"testsrc2=size={_SIZE}:rate={rate},hue=h={turned}"),
        *(("-f", "lavfi", "-i", tone, "-map", "1:a", "-c:a", "pcm_s16le", "-ac", "1") if sound else ()),
        *("-map", "0:v", "-frames:v", str(frames), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20"),
        *("-g", str(production.rate.nominal), "-pix_fmt", "yuv420p", "-threads", "1"),
        *("-timecode", str(production.timecode(recording.start))),
        *("-metadata:s:v", f"reel_name={recording.roll}"),
        *("-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mov"),
    ]


def _sound(recording: Recording) -> list[str]:
    """A poly file whose bext counts the samples since midnight of its first one."""
    production = recording.production
    start = int(recording.start * SAMPLE_RATE / production.rate.exact)
    second = start // SAMPLE_RATE
    tones = "|".join(f"0.1*sin({hertz}*2*PI*t)" for hertz in _TONES[: len(TRACKS)])
    return [
        *("-f", "lavfi", "-i", f"aevalsrc={tones}:s={SAMPLE_RATE}"),
        *("-af", f"atrim=end_sample={samples(recording)}", "-c:a", "pcm_s24le"),
        *("-write_bext", "1", "-metadata", f"time_reference={start}"),
        *("-metadata", f"origination_date={production.on.isoformat()}"),
        *("-metadata", f"origination_time={second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"),
        *("-metadata", "originator=Rushes", "-metadata", f"description={recording.shot.name}"),
        *("-flags", "+bitexact", "-fflags", "+bitexact", "-f", "wav"),
    ]
