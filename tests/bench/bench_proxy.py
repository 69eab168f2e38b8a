"""A proxy of a 60 s clip through the transform, beside the same ffmpeg command run bare; the checks counted apart."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import trio

from rushes import Clip, Kind
from rushes.testing import open_stand_in
from rushes_media.making.form import Form
from rushes_media.making.graph import command
from rushes_media.making.recipe import recipe
from rushes_media.making.start import of_file
from rushes_media.options import ProxyOptions
from rushes_media.proxy import Proxy
from rushes_media.worker import survey_file

ROUNDS = 5
SECONDS = 60
TARGET = 1.05


class TimedProxy(Proxy):
    """Knows how long its comparison took: the bare command does not check its result either."""

    compared_s = 0.0

    async def _compare(self, *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return await super()._compare(*arguments)
        finally:
            self.compared_s = time.perf_counter() - started


def make_clip(path: Path) -> None:
    made = ["-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=25:duration={SECONDS}"]
    made += ["-f", "lavfi", "-i", f"sine=frequency=1000:sample_rate=48000:duration={SECONDS}"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "20M", "-c:a", "pcm_s16le"]
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    quiet = [ffmpeg, "-hide_banner", "-loglevel", "error"]
    subprocess.run([*quiet, *made, *encode, "-timecode", "01:00:00:00", str(path)], check=True)


def bare(source: Path, target: Path, form: Form) -> float:
    facts, material = survey_file(str(source), "video")
    as_told = recipe(source.name, facts, material, form, of_file(facts), {})
    arguments = command(str(source), str(target), as_told)
    started = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


async def through(
    folder: Path, source: Path, options: ProxyOptions, rounds: list[tuple[float, float, float]]
) -> None:
    async with open_stand_in(folder) as context:
        context.volumes["card"] = source.parent
        proxy = TimedProxy(options, context)
        stat = source.stat()  # noqa: ASYNC240 - before anything is measured
        clip = Clip(
            volume="card",
            path=source.name,
            kind=Kind.VIDEO,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            id="clip",
        )
        # The worker's first call imports PyAV; a running pipeline has paid for that long ago.
        await proxy._survey(clip, source)
        for number in range(ROUNDS):
            reference = await trio.to_thread.run_sync(bare, source, folder / "bare.mov", options.form())
            started = time.perf_counter()
            await proxy.apply(clip)
            ours = time.perf_counter() - started - proxy.compared_s
            rounds.append((ours, reference, proxy.compared_s))
            print(f"  round {number + 1}: ours {ours:.2f} s, bare {reference:.2f} s", flush=True)


def run() -> list[dict[str, object]]:
    rounds: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        (folder / "card").mkdir()
        make_clip(folder / "card" / "A001C001.mov")
        trio.run(through, folder, folder / "card" / "A001C001.mov", ProxyOptions(height=720), rounds)
    ours = statistics.median(each[0] for each in rounds)
    reference = statistics.median(each[1] for each in rounds)
    checks = statistics.median(each[2] for each in rounds)
    ratio = ours / reference
    return [
        {
            "name": "proxy_vs_ffmpeg",
            "value": round(ours, 2),
            "unit": "s",
            "reference": round(reference, 2),
            "ratio": round(ratio, 3),
            "target": f"<= {TARGET}",
            "holds": ratio <= TARGET,
        },
        {
            "name": "proxy_checks_s",
            "value": round(checks, 2),
            "unit": "s",
            "reference": None,
            "ratio": None,
            "target": None,
            "holds": None,
        },
    ]


if __name__ == "__main__":
    print(run())
