"""Days for `bench_match`: clips and what a probe says of them, a pipeline, a ledger with a million clips."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import trio

from rushes import Clip, Finding, Kind, Options, Role, Spec
from rushes.config.pipeline import Component, Pipeline
from rushes.timecode import Rate, Timecode
from rushes_match import rushes_annotators

#: Five in the morning of the first day, as the ledger holds times.
FIRST = datetime(2026, 3, 2, 5)  # noqa: DTZ001
CATALOG_DAYS, CATALOG_TAKES = 400, 1_250
#: Clips of a card.
ROLL = 40
#: Pictures of the catalog's middle day that come late.
ONES = 40
RATE, CLOCK = Rate.parse("25"), 48_000


def take(number: int, apart: float) -> tuple[float, float, float, float]:
    """Seconds since the day's start: picture from, to, sound from, to. Uneven, as takes are."""
    begins = number * apart + (number * 7919 % 100) / 100 * apart * 0.1
    length = apart * (0.5 + (number * 104729 % 30) / 100)
    return begins + apart * 0.04, begins + length, begins, begins + length + apart * 0.05


def values(side: str, number: int, day: datetime, apart: float) -> dict[str, Any]:
    """What a probe says of a picture or a sound of that take."""
    filmed, cut, rolled, stopped = take(number, apart)
    begins, ends = (filmed, cut) if side == "picture" else (rolled, stopped)
    midnight = (day - day.replace(hour=0)).total_seconds()
    frames = int((midnight + begins) * 25) % RATE.frames_per_day
    told: dict[str, Any] = {
        "timecode": str(Timecode.from_frames(frames, RATE)),
        "timecode_rate": "25",
        "recorded": (day + timedelta(seconds=begins)).replace(microsecond=0),
    }
    if side == "picture":
        roll, index = divmod(number, ROLL)
        name = f"A{roll:03}C{index:03}"
        return told | {
            "camera": "A", "reel": f"A{roll:03}", "clip_name": name, "rate": "25", "frames": int((ends - begins) * 25),
            "duration": int((ends - begins) * 25) / 25,
        }  # fmt: skip
    return told | {
        "scene": str(1 + number // 7), "take": str(1 + number % 7), "duration": round(ends - begins, 3),
        "sample_rate": CLOCK, "start_sample": int((midnight + begins) % 86400 * CLOCK),
    }  # fmt: skip


def clip(side: str, day: int, number: int, **changes: Any) -> Clip:
    """A picture or a sound as the folder source would admit it."""
    picture = side == "picture"
    card = f"{'A' if picture else 'SR'}{number // ROLL:03}"
    return Clip(
        volume=f"{day}-{card}",
        card=card,
        path=f"{card}/{number:05}.{'mov' if picture else 'wav'}",
        kind=Kind.VIDEO if picture else Kind.AUDIO,
        role=Role.ORIGINAL if picture else Role.SOUND,
        size=1000,
        head=f"{side}{day}-{number}",
        tail="t",
        completed_by="quiet",
        mtime_ns=int((FIRST + timedelta(days=day)).replace(tzinfo=UTC).timestamp()) * 10**9,
        **changes,
    )


class Told:
    """Stands for a probe: says what it was told to say of a clip."""

    def __init__(self, told: dict[tuple[str, str], dict[str, Any]]) -> None:
        self.told = told

    async def annotate(self, clips: list[Clip]) -> list[Finding]:
        await trio.lowlevel.checkpoint()
        return [Finding(clip=clip.id, values=self.told[clip.volume, clip.path]) for clip in clips]


class Feed:
    """A source that admits what it is given."""

    def __init__(self) -> None:
        self.send, self._receive = trio.open_memory_channel[list[Clip]](0)

    async def run(self, intake):
        await intake.caught_up()
        async for clips in self._receive:
            await intake.clips(clips)


def component(kind: str, name: str, part: Any) -> Component:
    @asynccontextmanager
    async def open_part(_options, _context):
        yield part

    spec = Spec(name=name, summary="a double", config=Options, open=open_part)
    return Component(id=name, use=name, kind=kind, spec=spec, options=Options(), slots=4, where="bench")


def pipeline(folder: Path, feed: Feed, told: Told) -> Pipeline:
    """A feed, a probe that knows, and `match`; no route: what comes after planning is not measured here."""
    [match] = [spec for spec in rushes_annotators() if spec.name == "match"]
    return Pipeline(
        name="bench", file=folder / "bench.yaml", state=folder / "state",
        sources=(component("source", "cards", feed),),
        prepare=(
            component("annotator", "probe", told),
            Component(
                id="match", use="match", kind="annotator", spec=match, options=match.config(), slots=1, where="bench"
            ),
        ),
        sinks=(), routes=(),
    )  # fmt: skip


def fill(path: Path) -> None:
    """A million clips of 400 days, all with their links but the sounds whose pictures are still to come.

    Written by SQL, for the ledger's own rows would take minutes. What a row holds is what `put_clip` makes of one.
    """
    apart = 86_000 / CATALOG_TAKES
    database = duckdb.connect(str(path))
    database.execute("SET preserve_insertion_order = false")
    model = [
        (number, side, json.dumps(_json(values(side, number, FIRST, apart))), *take(number, apart))
        for number in range(CATALOG_TAKES)
        for side in ("picture", "sound")
    ]
    database.execute(
        "CREATE TEMP TABLE model (number INT, side VARCHAR, told JSON, filmed DOUBLE, cut DOUBLE, rolled DOUBLE,"
        " stopped DOUBLE)"
    )
    database.executemany("INSERT INTO model VALUES (?, ?, ?, ?, ?, ?, ?)", model)
    late = [number * (CATALOG_TAKES // ONES) for number in range(ONES)]
    database.execute("CREATE TEMP TABLE late AS SELECT unnest(?::INT[]) AS number", [late])
    database.execute(
        f"""
        CREATE TEMP VIEW everything AS
        SELECT m.*, d.day, left(side, 1) || '-' || d.day || '-' || number AS id,
               printf(CASE side WHEN 'picture' THEN 'A%03d' ELSE 'SR%03d' END, number // 40) AS card,
               TIMESTAMP '{FIRST}' + to_days(d.day::INT) AS began,
               5 * 3600 + CASE side WHEN 'picture' THEN filmed ELSE rolled END AS opens,
               CASE side WHEN 'picture' THEN cut - filmed ELSE stopped - rolled END AS lasts,
        FROM model m, (SELECT range AS day FROM range({CATALOG_DAYS})) d
        WHERE NOT (side = 'picture' AND d.day = {CATALOG_DAYS // 2} AND number IN (FROM late))
        """
    )
    database.execute(
        """
        INSERT INTO clips BY NAME
        SELECT id, 1 AS revision, day || '-' || card AS volume, card,
               card || printf('/%05d.', number) || CASE side WHEN 'picture' THEN 'mov' ELSE 'wav' END AS path,
               card AS folder, printf('%05d', number) AS name,
               CASE side WHEN 'picture' THEN 'mov' ELSE 'wav' END AS extension,
               CASE side WHEN 'picture' THEN 'video' ELSE 'audio' END AS kind,
               CASE side WHEN 'picture' THEN 'original' ELSE 'sound' END AS role,
               1000 AS size, began + to_seconds((opens - 5 * 3600)::INT) AS modified,
               began + INTERVAL 20 HOUR AS first_seen,
               true AS complete, 'quiet' AS completed_by, told->>'camera' AS camera, told->>'reel' AS reel,
               told->>'clip_name' AS clip_name, told->>'scene' AS scene, told->>'take' AS take, told->>'rate' AS rate,
               (told->>'frames')::BIGINT AS frames, (told->>'duration')::DOUBLE AS duration,
               told->>'timecode' AS timecode, told->>'timecode_rate' AS timecode_rate,
               (told->>'sample_rate')::INT AS sample_rate, (told->>'start_sample')::BIGINT AS start_sample,
               began + to_seconds((opens - 5 * 3600)::INT) AS recorded, 'matched' AS matched, MAP {} AS meta,
               epoch_ns(began) AS mtime_ns, 0 AS inode, id AS head, 't' AS tail, false AS born, '' AS parent,
               '' AS origin, false AS superseded,
               (opens * 705600000)::BIGINT % (86400 * 705600000::BIGINT) AS starts,
               (opens * 705600000)::BIGINT % (86400 * 705600000::BIGINT) + (lasts * 705600000)::BIGINT AS ends
        FROM everything ORDER BY day, number
        """
    )
    database.execute(
        "INSERT INTO findings SELECT id, 'probe', 'file', json_merge_patch(told, json_object('recorded', "
        "json_object('datetime', strftime(began + to_seconds((opens - 5 * 3600)::INT), '%Y-%m-%dT%H:%M:%S')))), '' "
        "FROM everything ORDER BY day, number"
    )
    database.execute(
        "INSERT INTO findings SELECT id, 'match', 'file', '{\"matched\": \"matched\"}', '' FROM everything"
    )
    database.execute(
        """
        INSERT INTO links BY NAME
        SELECT one.id AS clip, 'match' AS annotator, two.id AS other,
               CASE one.side WHEN 'picture' THEN 'sound' ELSE 'picture' END AS kind, 0.98 AS score,
               'matched' AS state, '{"overlap_share": 1.0, "offset_frames": 0}' AS evidence
        FROM everything one JOIN everything two USING (day, number) WHERE one.side <> two.side
        """
    )
    # The days around the late pictures are matched by `match` itself: what it finds there later is the pictures' alone.
    database.execute(
        "INSERT INTO backlog SELECT id, 'match' FROM everything WHERE abs(day - ?) <= 2", [CATALOG_DAYS // 2]
    )
    database.close()


def _json(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "recorded"}
