"""The engine alone: tiny files through folder source, ledger, planning and a sink that does nothing; and latency."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from rushes import Options, Receipt, Spec
from rushes.config.pipeline import Component, Pipeline, Route
from rushes.engine import open_engine
from rushes.settings import Settings
from rushes_folder import FolderOptions, rushes_sources
from rushes_media import rushes_annotators

FILES = 10_000
CLIPS_PER_S_TARGET = 300
LATENCY_TARGET_MS = 60
LATENCY_ROUNDS = 40


class NullSink:
    async def deliver(self, clip, _resume, _report):
        await trio.lowlevel.checkpoint()
        return Receipt(where="nowhere", id=clip.id, size=clip.size)


@asynccontextmanager
async def open_null(_options, _context):
    yield NullSink()


def component(kind: str, name: str, spec: Spec, options: Options, slots: int = 1) -> Component:
    return Component(id=name, use=name, kind=kind, spec=spec, options=options, slots=slots, where="bench")


def pipeline(folder: Path, *, probe: bool) -> Pipeline:
    [source] = rushes_sources()
    [annotator] = rushes_annotators()
    null = Spec(name="null", summary="does nothing", config=Options, open=open_null)
    return Pipeline(
        name="bench", file=folder / "bench.yaml", state=folder / "state",
        sources=(component("source", "cards", source, FolderOptions(path=folder / "card", settle=0.2)),),
        prepare=(component("annotator", "probe", annotator, annotator.config()),) if probe else (),
        sinks=(component("sink", "null", null, Options(), slots=4),),
        routes=(Route(id="all", when="true", steps=(), to=("null",)),),
    )  # fmt: skip


def clips_per_s() -> float:
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        for number in range(FILES):
            path = folder / "card" / f"A{number // 1000:03}" / f"{number:05}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(number))
            os.utime(path, (1_700_000_000, 1_700_000_000))

        async def main() -> float:
            async with open_engine(pipeline(folder, probe=False), Settings()) as engine:
                started = time.perf_counter()
                outcome = await engine.run(once=True)
                took = time.perf_counter() - started
                done = (await engine.status())["counts"]["jobs"]["done"]
                assert (done, outcome.parked, outcome.waiting) == (FILES, 0, 0), (done, outcome)
                return FILES / took

        return trio.run(main)


def close_to_queued_ms() -> list[float]:
    """From the close of a small WAV to its job being durable, with the probe in between."""
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        (folder / "card").mkdir()
        header = b"RIFF" + (36 + 9600).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
        header += b"\1\0\1\0" + (48000).to_bytes(4, "little") + (96000).to_bytes(4, "little") + b"\2\0\x10\0"
        wav = header + b"data" + (9600).to_bytes(4, "little") + bytes(9600)

        async def main() -> list[float]:
            latencies = []
            async with (
                open_engine(pipeline(folder, probe=True), Settings()) as engine,
                trio.open_nursery() as nursery,
            ):
                nursery.start_soon(engine.run)
                async with engine.events() as events:
                    await trio.sleep(3)
                    for number in range(LATENCY_ROUNDS):
                        (folder / "card" / f"{number}.wav").write_bytes(
                            wav[:-2] + number.to_bytes(2, "little")
                        )
                        started = time.perf_counter()
                        async for event in events:
                            if event.kind == "job.planned":
                                break
                        latencies.append((time.perf_counter() - started) * 1000)
                        await trio.sleep(0.1)
                engine.cancel()
            return latencies

        return trio.run(main)


def row(name: str, value: float, unit: str, target: str, holds: bool) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "reference": None,
        "ratio": None,
        "target": target,
        "holds": holds,
    }


def run() -> list[dict[str, object]]:
    rates = [clips_per_s() for _ in range(3)]
    rate = statistics.median(rates)
    latency = statistics.median(close_to_queued_ms())
    return [
        row("engine_clips_per_s", rate, "clips/s", f">= {CLIPS_PER_S_TARGET}", rate >= CLIPS_PER_S_TARGET),
        row("close_to_queued_ms", latency, "ms", f"<= {LATENCY_TARGET_MS}", latency <= LATENCY_TARGET_MS),
    ]


if __name__ == "__main__":
    print(run())
