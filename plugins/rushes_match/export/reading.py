"""A shooting day out of the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import trio

from rushes import Clip, Context, MediaGone, NotFound, Permanent
from rushes.timecode import lasts, timespan
from rushes_match.export.days import dates
from rushes_match.export.shot import Day, Shot
from rushes_match.export.syncing import syncs
from rushes_match.items import Pair
from rushes_match.kin import File
from rushes_match.library.devices import streams
from rushes_match.library.offsets import Offsets
from rushes_match.library.shelf import DAY, GAP, LONGEST
from rushes_match.library.wall import WALL

_RECORDINGS = (
    "NOT superseded AND complete AND parent = '' AND kind IN ('video', 'audio') AND role IN ('original', 'sound') "
    "AND proxy_of IS NULL"
)
_THESE = "IN (SELECT unnest(?::VARCHAR[]))"
#: What an export tells, or places files by: columns, and keys of `meta`.
_COLUMNS = (
    "camera", "device", "reel", "clip_name", "scene", "slate", "take", "circled", "waste", "project", "mos", "note",
    "width", "height", "variable_rate", "lens", "iso", "shutter", "white_balance", "rate", "frames", "duration",
    "timecode", "timecode_end", "timecode_rate", "user_bits", "channels", "tracks", "sample_rate", "start_sample",
    "matched",
)  # fmt: skip
_KEYS = ("timestamp_rate", "recorder", "serial", "model", "wild_track")
#: A clock that is wrong by a day may bring a recording into a day that it did not begin in.
_MARGIN = 2 * DAY


async def read_day(context: Context, day: str = "") -> Day:
    """The shooting day of that date (YYYY-MM-DD), else the last one.

    Raises Permanent for what is no date, NotFound where nothing was shot on it.
    """
    first, last = await _window(context, day)
    rows = await context.catalog.query(
        f"SELECT id, {WALL} FROM clips WHERE {_RECORDINGS} AND {WALL} BETWEEN ? AND ?",  # noqa: S608 - our own constants
        [first, last],
    )
    walls = {str(id_): float(wall) for id_, wall in rows}
    bonds = await _bonds(context, walls)
    if strangers := sorted({id_ for bond in bonds for id_ in (bond.picture, bond.sound)} - walls.keys()):
        rows = await context.catalog.query(
            f"SELECT id, {WALL} FROM clips WHERE {_RECORDINGS} AND id {_THESE}",  # noqa: S608 - our own constants
            [strangers],
        )
        walls |= {str(id_): float(wall) for id_, wall in rows}
    parts = await _parts(context, walls)
    together = [(bond.picture, bond.sound) for bond in bonds if bond.state == "matched"]
    together += [(lead, part) for part, (lead, _) in parts.items()]
    found = dates(walls, together)
    if day not in found.values():
        if day or not found:
            raise NotFound(f"nothing was shot on {day or 'any day'}; days are {await _known(context)}")
        day = max(found.values())
    ids = [id_ for id_, date_ in found.items() if date_ == day]
    shots = await _shots(context, ids, walls, parts)
    mine = {shot.id for shot in shots}
    bonds = [bond for bond in bonds if bond.picture in mine or bond.sound in mine]
    learned = [offset for one in await Offsets(context.store).all() for offset in one.offsets]
    return Day(
        date=day,
        shots=shots,
        bonds=tuple(bonds),
        syncs=syncs(shots, bonds, learned),
        records=await _records(context, mine),
    )


async def _window(context: Context, day: str) -> tuple[float, float]:
    """When what may be of the day began."""
    if day:
        try:
            begins = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()
        except ValueError as error:
            raise Permanent(f"{day} is no date; write it as 2026-11-22") from error
        return begins - _MARGIN, begins + DAY + LONGEST + _MARGIN
    [(last,)] = await context.catalog.query(f"SELECT max({WALL}) FROM clips WHERE {_RECORDINGS}")  # noqa: S608 - our own constants
    last = float(last or 0)
    return last - LONGEST - GAP - _MARGIN, last


async def _known(context: Context) -> str:
    """Dates with recordings, for people."""
    rows = await context.catalog.query(
        f"SELECT DISTINCT CAST(to_timestamp({WALL}) AT TIME ZONE 'UTC' AS DATE) AS day FROM clips WHERE {_RECORDINGS} "  # noqa: S608 - our own constants
        "ORDER BY day DESC LIMIT 10"
    )
    return ", ".join(str(day) for (day,) in rows) or "none"


async def _bonds(context: Context, ids: Collection[str]) -> list[Pair]:
    """Pairs of these pictures or sounds with any others, told once."""
    rows = await context.catalog.query(
        "SELECT clip, other, kind, state, score, evidence FROM links WHERE annotator = ? "  # noqa: S608 - our own constants
        f"AND kind IN ('sound', 'picture') AND clip {_THESE} ORDER BY clip, other",
        [context.id, list(ids)],
    )
    found: dict[tuple[str, str], Pair] = {}
    for clip, other, kind, state, score, evidence in rows:
        picture, sound = (clip, other) if kind == "sound" else (other, clip)
        if kind == "sound" or (picture, sound) not in found:
            found[picture, sound] = Pair(
                picture=picture, sound=sound, state=state, score=float(score), evidence=json.loads(evidence)
            )
    return sorted(found.values(), key=lambda bond: (bond.picture, -bond.score, bond.sound))


async def _parts(context: Context, ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Of each file that continues or completes another one: that one, and the kind of part."""
    rows = await context.catalog.query(
        f"SELECT clip, other, evidence FROM links WHERE annotator = ? AND kind = 'whole' AND clip {_THESE}",  # noqa: S608 - our own constants
        [context.id, list(ids)],
    )
    return {clip: (lead, str(json.loads(evidence).get("part", ""))) for clip, lead, evidence in rows}


async def _records(context: Context, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    rows = await context.catalog.query(
        "SELECT clip, list(other ORDER BY other) FROM links WHERE annotator = ? AND kind = 'record' "  # noqa: S608 - our own constants
        f"AND state = 'matched' AND clip {_THESE} GROUP BY clip",
        [context.id, list(ids)],
    )
    return {clip: tuple(others) for clip, others in rows}


async def _shots(
    context: Context,
    ids: Sequence[str],
    walls: Mapping[str, float],
    parts: Mapping[str, tuple[str, str]],
) -> tuple[Shot, ...]:
    keys = ", ".join(f"meta['{key}']" for key in _KEYS)
    rows = await context.catalog.query(
        f"SELECT id, path, volume, card, kind, role, {', '.join(_COLUMNS)}, {keys} FROM clips WHERE id {_THESE}",  # noqa: S608 - our own constants
        [list(ids)],
    )
    files: dict[str, File] = {}
    for id_, path, volume, card, kind, role, *told in rows:
        meta = {
            name: value for name, value in zip((*_COLUMNS, *_KEYS), told, strict=True) if value is not None
        }
        files[id_] = File(
            id=id_, filename=path.rpartition("/")[2], path=path, volume=volume, card=card, kind=kind, role=role,
            meta=meta,
        )  # fmt: skip
    devices = streams(files, {id_: walls[id_] for id_ in files}, {})
    copies = await _proxies(context, ids)
    shots = [
        _shot(file, walls[file.id], devices[file.id], *parts.get(file.id, ("", "")))
        for file in files.values()
    ]

    def placed() -> list[Shot]:
        return [_placed(context, shot, files[shot.id], copies.get(shot.id, ())) for shot in shots]

    shots = await trio.to_thread.run_sync(placed)  # cards and shares are asked for each file
    return tuple(sorted(shots, key=lambda shot: (shot.wall, shot.card, shot.path, shot.id)))


def _shot(file: File, wall: float, stream: str, lead: str, part: str) -> Shot:
    starts, _ = timespan(file.meta)
    return Shot(
        id=file.id, picture=file.kind == "video", path=file.path, card=file.card, wall=wall, stream=stream,
        starts=starts, length=lasts(file.meta), lead=lead, part=part, meta=file.meta,
    )  # fmt: skip


async def _proxies(context: Context, ids: Sequence[str]) -> Mapping[str, Sequence[Clip]]:
    """Files that are proxies of these: a camera's, another program's, and those that the pipeline made."""
    rows = await context.catalog.query(
        "SELECT coalesce(proxy_of, parent), volume, path, card FROM clips WHERE NOT superseded AND complete "  # noqa: S608 - our own constants
        f"AND (proxy_of {_THESE} OR (role = 'proxy' AND parent {_THESE})) ORDER BY parent, size DESC, id",
        [list(ids), list(ids)],
    )
    found: dict[str, list[Clip]] = defaultdict(list)
    for original, volume, path, card in rows:
        found[original].append(Clip(volume=volume, path=path, card=card))
    return found


def _placed(context: Context, shot: Shot, file: File, copies: Sequence[Clip]) -> Shot:
    """With its files where they are now. Of what is not there, its place on its card."""
    here = _where(context, Clip(volume=file.volume, path=file.path, card=file.card))
    proxy = next((found for copy in copies if (found := _where(context, copy)) is not None), None)
    return replace(
        shot,
        url=here.as_uri() if here else "",
        online=here is not None,
        proxy=proxy.as_uri() if proxy else "",
    )


def _where(context: Context, clip: Clip) -> Path | None:
    try:
        return context.path(clip)
    except (MediaGone, Permanent):
        return None
