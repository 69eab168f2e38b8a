"""Forty clips through the whole road while the pipeline is killed at random moments: `make torture KILLS=50`.

Proxies of some, originals of others and sound go to a Frame.io sandbox and to a disk. Each kill is a SIGKILL
of the process alone: its workers and ffmpeg are left to themselves, as a crash would. After the last one a run
to the end must have delivered everything once. Ends with 0 if all of it holds, else with 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from journeys.harness import Journey, sha256  # noqa: E402 - run as a script
from journeys.many import make_picture, make_sound, vary_picture  # noqa: E402

from rushes.ledger import FILE_NAME, open_database  # noqa: E402

PART_BYTES = 256 * 1024
SLOTS, PARTS_IN_FLIGHT = 2, 4
PART_DELAY_S = 0.6
#: What the killed process had sent is in by then.
QUIET_S = PART_DELAY_S + 0.2
PROXIES, ORIGINALS, SOUNDS = 14, 14, 12
#: Clips that are on the card when the first run starts; the others come while kills go on.
AT_START = 16
SHORTEST_S, MEAN_S, LONGEST_S = 0.1, 2.2, 9.0
LAST_RUN_S = 150.0


@dataclass
class Figures:
    """What was seen; `failures` is empty when everything holds."""

    lives: list[float] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    lost_by_asset: int = 0
    sessions: list[int] = field(default_factory=list)
    openings: int = 0
    opening_s: float = 0.0
    suspects: set[tuple[str, int]] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def check(self, holds: bool, text: str) -> None:
        """Note `text` as a failure unless it holds."""
        if not holds:
            self.failures.append(text)


class Camera:
    """Puts clips on the card, one after the other in a thread, each piece by piece and in place."""

    def __init__(self, card: Path) -> None:
        self._card = card
        self._threads: list[threading.Thread] = []

    def record(self, made: Path) -> None:
        """Begin to write a clip."""
        thread = threading.Thread(target=self._write, args=(made, list(self._threads)), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Return when all clips are on the card."""
        for thread in self._threads:
            thread.join()

    def _write(self, made: Path, earlier: Sequence[threading.Thread]) -> None:
        for thread in earlier:
            thread.join()
        target = self._card / made.parent.name / made.name
        target.parent.mkdir(exist_ok=True)
        with made.open("rb") as source, target.open("wb") as file:
            while piece := source.read(PART_BYTES):
                file.write(piece)
                file.flush()
                time.sleep(0.02)


def make_clips(folder: Path) -> list[Path]:
    """The clips, each with other bytes, in the order in which they are shot."""
    master = make_picture(folder / "master.mov")
    for name in ("PROXY", "ORIGINAL", "SOUND"):
        (folder / name).mkdir()
    proxies = [
        vary_picture(master, folder / f"PROXY/A001C{n:03}.mov", n, extra_bytes=1024) for n in range(PROXIES)
    ]
    originals = [
        vary_picture(master, folder / f"ORIGINAL/B001C{n:03}.mov", 100 + n, extra_bytes=(1 + n % 5) * 1_200_000)
        for n in range(ORIGINALS)
    ]
    sounds = [make_sound(folder / f"SOUND/T{n:03}.wav", n, seconds=2 + n % 6) for n in range(SOUNDS)]
    master.unlink()
    return [*proxies, *originals, *sounds]


def write_pipeline(journey: Journey) -> None:
    """Three routes, each to both sinks."""
    (journey.stage.root / "raid").mkdir()
    document = f"""\
pipeline: torture
state: ./state
sources: [{{id: cards, use: folder, path: ./cards, settle: 1s, patience: 2s}}]
prepare: [probe]
sinks:
  - id: frameio
    use: frameio
    slots: {SLOTS}
    parts_in_flight: {PARTS_IN_FLIGHT}
    api_url: {journey.sandbox.url}
    ca_file: "{journey.sandbox.ca_file}"
  - {{id: raid, use: disk, path: ./raid}}
routes:
  - id: proxies
    when: card = 'PROXY'
    steps: [{{use: proxy, height: 180, bitrate: 3M, preset: ultrafast}}]
    to: [frameio, raid]
  - {{id: originals, when: card = 'ORIGINAL', to: [frameio, raid]}}
  - {{id: sounds, when: kind = 'audio', to: [frameio, raid]}}
"""
    journey.stage.write(document, journey.file.name)


def durable_parts(state: Path, figures: Figures) -> dict[str, set[int]]:
    """Asset id -> parts that the ledger knows; opens the ledger as the next run would, but changes nothing."""
    if not (state / FILE_NAME).exists():
        return {}
    began = time.monotonic()
    database = open_database(state / FILE_NAME, read_only=True)
    try:
        rows = database.read(
            lambda query: query(
                "SELECT json_extract_string(s.head, '$.asset'), p.number FROM parts p JOIN steps s ON p.step = s.id "
                "WHERE s.component = 'frameio'"
            )
        )
        deaths = database.read(lambda query: query("SELECT id, deaths FROM steps WHERE deaths >= 2"))
    finally:
        database.close()
    figures.openings += 1
    figures.opening_s = max(figures.opening_s, time.monotonic() - began)
    figures.suspects.update((step, len(figures.lives)) for step, _ in deaths)
    parts: dict[str, set[int]] = {}
    for asset, number in rows:
        parts.setdefault(asset, set()).add(number)
    return parts


def lost_bytes(assets: Sequence[Mapping[str, Any]], durable: Mapping[str, set[int]]) -> dict[str, int]:
    """Asset id -> bytes that arrived and that the ledger does not know: they were, or will be, sent again."""
    lost = {}
    for asset in assets:
        known = durable.get(asset["id"], set())
        lost[asset["id"]] = sum(
            part["bytes_received"] - (part["size"] if part["number"] in known else 0) for part in asset["parts"]
        )
    return lost


def kill_again_and_again(
    journey: Journey, clips: list[Path], kills: int, chance: random.Random, figures: Figures
) -> None:
    """Start, kill, look; the clips that are not on the card yet come while this goes on."""
    camera = Camera(journey.cards)
    waiting = list(clips)
    before: dict[str, int] = {}
    durable_before: dict[str, set[int]] = {}
    received_before: dict[tuple[str, int], int] = {}
    for number in range(kills):
        due = AT_START + (len(clips) - AT_START) * number // max(1, kills - 3)
        while waiting and len(clips) - len(waiting) < due:
            camera.record(waiting.pop(0))
        run = journey.run()
        figures.sessions.append(run.pid)
        life = min(LONGEST_S, SHORTEST_S + chance.expovariate(1 / MEAN_S))
        time.sleep(life)
        if not run.running:
            figures.failures.append(f"run {number + 1} ended by itself with {run.status}{run.last_words()}")
            continue
        run.kill()
        figures.lives.append(life)
        time.sleep(QUIET_S)
        durable = durable_parts(journey.stage.state, figures)
        assets = journey.sandbox.assets()
        now = lost_bytes(assets, durable)
        fresh = {name: now[name] - before.get(name, 0) for name in now}
        figures.lost.append(sum(fresh.values()))
        figures.lost_by_asset = max([figures.lost_by_asset, *fresh.values()])
        received = {
            (asset["id"], part["number"]): part["bytes_received"] for asset in assets for part in asset["parts"]
        }
        for name, numbers in durable_before.items():
            for part in numbers:
                figures.check(
                    received[name, part] == received_before[name, part],
                    f"part {part} of {name} was sent again although it was reported",
                )
        before, durable_before, received_before = now, durable, received
        told = f"kill {number + 1:3} after {life:4.1f} s: {len(assets):3} assets, {figures.lost[-1]:8,} bytes lost"
        print(told, flush=True)
    for clip in waiting:
        camera.record(clip)
    camera.wait()


def finish(journey: Journey, figures: Figures) -> None:
    """One run to the end."""
    journey.sandbox.clear()
    run = journey.run("--once")
    figures.sessions.append(run.pid)
    status = run.wait(LAST_RUN_S)
    figures.check(status == 0, f"the last run ended with {status}")
    for job in journey.jobs():
        figures.check(job["state"] == "done", f"{job['name']}: {job['state']}: {job['reason']}")


def judge(journey: Journey, clips: Sequence[Path], originals: Mapping[Path, str], figures: Figures) -> None:
    """Everything arrived once and unchanged, nothing else is left."""
    jobs, assets = journey.jobs(), journey.sandbox.assets()
    complete = {asset["id"]: asset for asset in assets if asset["state"] == "complete"}
    names = Counter(asset["name"] for asset in complete.values())
    figures.check(names == Counter(clip.name for clip in clips), f"complete assets: {names}")
    figures.check(len(jobs) == len(clips), f"{len(jobs)} jobs for {len(clips)} clips")
    raid = {path.name: path for path in (journey.stage.root / "raid").rglob("*") if path.is_file()}
    figures.check(set(raid) == {clip.name for clip in clips}, f"on the disk: {sorted(raid)}")
    for clip in clips:
        copy = raid.get(clip.name)
        digest = sha256(copy) if copy else ""
        wanted = digest if clip.parent.name == "PROXY" else originals[clip]
        arrived = [asset["sha256"] for asset in complete.values() if asset["name"] == clip.name]
        figures.check(arrived == [wanted] and digest == wanted, f"{clip.name}: other bytes arrived")
    placeholders = 0
    for job in jobs:
        for step in job["steps"]:
            receipt = step["receipt"]
            if step["component"] == "frameio" and receipt:
                placeholders += receipt["placeholders"]
                found = complete.get(receipt["id"])
                figures.check(found is not None and found["name"] == job["name"], f"{job['name']}: bad receipt")
    empty = [asset for asset in assets if asset["id"] not in complete]
    figures.check(len(empty) <= placeholders, f"{len(empty)} placeholders, the receipts tell {placeholders}")
    sent = sum(part["bytes_received"] for asset in empty for part in asset["parts"])
    figures.check(sent == 0, f"{sent} bytes went into assets that were left")
    figures.check(not journey.sandbox.breaches(), f"violations: {journey.sandbox.breaches()[:3]}")
    for clip, digest in originals.items():
        on_card = journey.cards / clip.parent.name / clip.name
        figures.check(sha256(on_card) == digest, f"{on_card} was changed")
    left = [str(path) for path in (journey.stage.state / "work").rglob("*")]
    figures.check(not left, f"work files left: {left[:3]}")
    orphans = wait_for_orphans(journey, figures)
    figures.check(not orphans, f"processes left: {orphans}")
    bound = PARTS_IN_FLIGHT * PART_BYTES
    figures.check(max(figures.lost) <= SLOTS * bound, f"{max(figures.lost)} bytes lost with one kill")
    figures.check(figures.lost_by_asset <= bound, f"{figures.lost_by_asset} bytes of one clip lost with one kill")
    events = repeated_events(journey.stage.state)
    figures.check(not events, f"told more than once: {events[:3]}")
    show(figures, assets, complete, placeholders)


def repeated_events(state: Path) -> list[Any]:
    """Steps whose end the journal tells twice."""
    database = open_database(state / FILE_NAME, read_only=True)
    try:
        return database.read(
            lambda query: query(
                "SELECT step, count(*) FROM events WHERE kind = 'step.done' GROUP BY step HAVING count(*) > 1"
            )
        )
    finally:
        database.close()


def wait_for_orphans(journey: Journey, figures: Figures) -> list[str]:
    """Processes of a run that are still there after five seconds: by their session, or by our paths."""
    sessions = {str(pid) for pid in figures.sessions}
    root = os.fsencode(journey.stage.root)
    until = time.monotonic() + 5
    while True:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                state, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            ours = rest[2] in sessions or (root in command and b"ffmpeg" in command)
            if ours and state != "Z":
                found.append(command.replace(b"\0", b" ").decode()[:120])
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def show(
    figures: Figures, assets: Sequence[Any], complete: Mapping[str, Any], placeholders: int
) -> None:
    """The table of figures."""
    sent = sum(part["bytes_received"] for asset in assets for part in asset["parts"])
    size = sum(asset["filesize"] for asset in complete.values())
    rows = [
        ("kills", f"{len(figures.lives)}"),
        ("life of a run, median", f"{sorted(figures.lives)[len(figures.lives) // 2]:.1f} s"),
        ("clips delivered once", f"{len(complete)}"),
        ("bytes delivered", f"{size:,}"),
        ("bytes sent again", f"{sent - size:,}"),
        ("most for one kill", f"{max(figures.lost):,} of {SLOTS * PARTS_IN_FLIGHT * PART_BYTES:,} allowed"),
        ("most of one clip for one kill", f"{figures.lost_by_asset:,} of {PARTS_IN_FLIGHT * PART_BYTES:,} allowed"),
        ("ledger opened after a kill", f"{figures.openings} times, {figures.opening_s * 1000:.0f} ms at most"),
        ("steps suspected", f"{len({step for step, _ in figures.suspects})}, seen {len(figures.suspects)} times"),
        ("empty placeholders", f"{len(assets) - len(complete)}, told as possible {placeholders}"),
    ]
    print()
    for name, value in rows:
        print(f"  {name:32}{value}")


def torture(root: Path, kills: int, seed: int) -> Figures:
    """Run it all in an empty folder."""
    figures = Figures()
    chance = random.Random(seed)
    made = root / "made"
    made.mkdir()
    clips = make_clips(made)
    chance.shuffle(clips)
    originals = {clip: sha256(clip) for clip in clips}
    with Journey(root) as journey:
        journey.start_sandbox("--part-size", f"{PART_BYTES // 1024}KiB")
        write_pipeline(journey)
        journey.pair()
        journey.sandbox.slow(PART_DELAY_S)
        kill_again_and_again(journey, clips, kills, chance, figures)
        finish(journey, figures)
        judge(journey, clips, originals, figures)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path, help="a new folder to work in, kept afterwards")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    began = time.monotonic()
    if options.keep:
        options.keep.mkdir(parents=True)
        figures = torture(options.keep.resolve(), options.kills, options.seed)
    else:
        with tempfile.TemporaryDirectory(prefix="rushes-torture-") as root:
            figures = torture(Path(root).resolve(), options.kills, options.seed)
    for failure in figures.failures:
        print(f"FAILED: {failure}")
    verdict = "everything arrived once" if not figures.failures else f"{len(figures.failures)} failures"
    print(f"\n{verdict} ({time.monotonic() - began:.0f} s, seed {options.seed})")
    return 1 if figures.failures else 0


if __name__ == "__main__":
    sys.exit(main())
