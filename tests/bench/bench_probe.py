"""The annotator on H.264 files, worker process and way there included, beside PyAV alone in this process.

Both look at the same files in turns, one file at a time: opening, and every stream's codec, size and rate, is
what PyAV does; probe reads the index, colour, turn, evenness and tags besides. A batch, of which the annotator looks at
four at once, is told as a figure.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import imageio_ffmpeg
import trio

from rushes import Clip, Kind
from rushes.testing import open_stand_in
from rushes_media.probe import Probe

FILES = 24
ROUNDS = 9
TARGET = 1.5


def make_clips(folder: Path) -> list[Path]:
    """Copies of a minute at 1080p as a camera writes it: two mono tracks, a timecode track, tags."""
    first = folder / "A001C001.mov"
    made = ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=25:duration=60"]
    made += ["-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=48000:duration=60"]
    encode = [
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "1",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "pcm_s24le",
    ]
    told = ["-timecode", "01:00:00:00", "-metadata", "scene=12A", "-movflags", "use_metadata_tags"]
    quiet = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error"]
    subprocess.run([*quiet, *made, *encode, *told, str(first)], check=True)
    others = [folder / f"A001C{number:03}.mov" for number in range(2, FILES + 1)]
    for other in others:
        shutil.copy(first, other)
    return [first, *others]


def bare(paths: Sequence[Path]) -> float:
    started = time.perf_counter()
    for path in paths:
        with av.open(str(path)) as container:
            for stream in container.streams:
                context = stream.codec_context
                told = (
                    stream.type,
                    stream.duration,
                    stream.time_base,
                    dict(stream.metadata),
                    context and context.name,
                )
                assert told[0]
    return time.perf_counter() - started


def clip(path: Path) -> Clip:
    stat = path.stat()
    return Clip(
        volume="card",
        path=path.name,
        kind=Kind.VIDEO,
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        id=path.name,
    )


async def through(folder: Path, paths: Sequence[Path], rounds: list[tuple[float, float, float]]) -> None:
    async with open_stand_in(folder / "stand-in") as context:
        context.volumes["card"] = paths[0].parent
        probe = Probe(context)
        clips = [clip(path) for path in paths]
        # The workers' first calls import PyAV; a running pipeline has paid for that long ago.
        await probe.annotate(clips)
        bare(paths)
        for number in range(ROUNDS):
            reference = bare(paths)
            started = time.perf_counter()
            for each in clips:
                [finding] = await probe.annotate([each])
                assert finding.values["frames"] == 1500
            alone = time.perf_counter() - started
            started = time.perf_counter()
            await probe.annotate(clips)
            batch = time.perf_counter() - started
            rounds.append((alone, reference, batch))
            shown = [f"{seconds / FILES * 1000:.2f}" for seconds in (alone, reference, batch)]
            print(
                f"  round {number + 1}: ms a file: probe {shown[0]}, PyAV {shown[1]}, in a batch {shown[2]}",
                flush=True,
            )


def run() -> list[dict[str, object]]:
    rounds: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        card = Path(name) / "card"
        card.mkdir()
        trio.run(through, Path(name), make_clips(card), rounds)
    alone, reference, batch = (
        statistics.median(each[place] for each in rounds) / FILES * 1000 for place in range(3)
    )
    ratio = statistics.median(each[0] / each[1] for each in rounds)
    return [
        {
            "name": "probe_vs_pyav",
            "value": round(alone, 2),
            "unit": "ms",
            "reference": round(reference, 2),
            "ratio": round(ratio, 3),
            "target": f"<= {TARGET}",
            "holds": ratio <= TARGET,
        },
        {
            "name": "probe_batch_ms",
            "value": round(batch, 2),
            "unit": "ms",
            "reference": round(reference, 2),
            "ratio": round(batch / reference, 3),
            "target": None,
            "holds": None,
        },
    ]


if __name__ == "__main__":
    print(run())
