"""What the torture saw, and whether all of it holds."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journeys.harness import Journey, sha256
from rushes.ledger import FILE_NAME, open_database

PART_BYTES = 256 * 1024
SLOTS, PARTS_IN_FLIGHT = 2, 4


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


def durable_parts(state: Path, figures: Figures, assets: Sequence[Mapping[str, Any]]) -> dict[str, set[int]]:
    """Asset id -> parts that the ledger knows; opens the ledger as the next run would, but changes nothing.

    A delivery that is done has a receipt in place of its parts: it knows all of them.
    """
    if not (state / FILE_NAME).exists():
        return {}
    began = time.monotonic()
    database = open_database(state / FILE_NAME, read_only=True)
    try:
        rows = database.read(
            lambda query: query(
                "SELECT coalesce(s.head->>'$.asset', s.head->>'$.realtime'), p.number "
                "FROM parts p JOIN steps s ON p.step = s.id WHERE s.component = 'frameio' AND p.number > 0"
            )
        )
        receipts = database.read(
            lambda query: query(
                "SELECT json_extract_string(receipt, '$.id') FROM steps WHERE component = 'frameio' AND state = 'done'"
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
    done = {asset for (asset,) in receipts}
    whole = {
        asset["id"]: {part["number"] for part in asset["parts"]} for asset in assets if asset["id"] in done
    }
    return parts | whole


def lost_bytes(assets: Sequence[Mapping[str, Any]], durable: Mapping[str, set[int]]) -> dict[str, int]:
    """Asset id -> bytes that arrived and that the ledger does not know: they were, or will be, sent again."""
    lost = {}
    for asset in assets:
        known = durable.get(asset["id"], set())
        lost[asset["id"]] = sum(
            part["bytes_received"] - (part["size"] if part["number"] in known else 0)
            for part in asset["parts"]
        )
    return lost


def judge(journey: Journey, clips: Sequence[Path], originals: Mapping[Path, str], figures: Figures) -> None:
    """Everything arrived once and unchanged, nothing else is left."""
    jobs, assets = journey.jobs(), journey.sandbox.assets()
    complete = {asset["id"]: asset for asset in assets if asset["state"] == "complete"}
    names = Counter(asset["name"] for asset in complete.values())
    wanted_names = Counter(clip.name for clip in clips)
    figures.check(
        names == wanted_names, f"missing {wanted_names - names}, twice or strange {names - wanted_names}"
    )
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
                figures.check(
                    found is not None and found["name"] == job["name"], f"{job['name']}: bad receipt"
                )
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
    figures.check(
        figures.lost_by_asset <= bound, f"{figures.lost_by_asset} bytes of one clip lost with one kill"
    )
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


def show(figures: Figures, assets: Sequence[Any], complete: Mapping[str, Any], placeholders: int) -> None:
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
        (
            "most of one clip for one kill",
            f"{figures.lost_by_asset:,} of {PARTS_IN_FLIGHT * PART_BYTES:,} allowed",
        ),
        (
            "ledger opened after a kill",
            f"{figures.openings} times, {figures.opening_s * 1000:.0f} ms at most",
        ),
        (
            "steps suspected",
            f"{len({step for step, _ in figures.suspects})}, seen {len(figures.suspects)} times",
        ),
        ("empty placeholders", f"{len(assets) - len(complete)}, told as possible {placeholders}"),
    ]
    print()
    for name, value in rows:
        print(f"  {name:32}{value}")
