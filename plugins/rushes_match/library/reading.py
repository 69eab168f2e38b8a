"""What the ledger knows of clips, without what this annotator said of them itself: it must not believe itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from rushes import Catalog, Finding, Link, Record, Scalar
from rushes.timecode import timespan
from rushes_match.kin import File
from rushes_match.library.saying import Mark, mark
from rushes_match.library.wall import WALL

#: Clips that count: admitted ones that still have their name and are no longer being recorded.
_LIVE = "NOT superseded AND complete AND parent = ''"
#: Files in the order of `_file`.
_FILE = "id, revision, path, volume, card, kind, role, mtime_ns / 1e9, epoch(first_seen), size"
#: One join for each column: DuckDB would compare every clip with every name otherwise.
_NAMED = " UNION ".join(
    f"SELECT wanted, id FROM clips JOIN (SELECT unnest($1::VARCHAR[]) AS wanted) "  # noqa: S608 - our own constants
    f"ON wanted = regexp_replace(lower({column}), '[^a-z0-9]', '', 'g') WHERE {_LIVE}"
    for column in ("name", "clip_name", "reel")
)
#: All that `kin.proxies.is_proxy` takes for a proxy, and a few more.
_MAY_BE_PROXY = r"prox(y|ies)|prxy|offline|low ?res|(^|/)sub/|(^|/)gl\d{6}|\.lr[fv]$"
_decode = msgspec.json.Decoder().decode
#: As many as cost less than the column of a million rows.
_MOST_CONSTANTS = 256
_RANK = {"file": 0, "record": 1, "person": 2}


@dataclass(slots=True)
class Loaded:
    """Clips with their revisions, the marks of what this annotator last said of them, and those of whom it said
    nothing yet and will be asked about.
    """

    files: list[tuple[File, int]] = field(default_factory=list)
    told: dict[str, Mark] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)


class Reading:
    """Queries over the catalog of one pipeline."""

    def __init__(self, catalog: Catalog, annotator: str) -> None:
        self._catalog = catalog
        self._annotator = annotator

    async def between(self, first: float, last: float) -> Loaded:
        """The clips that began between two moments of the wall clock."""
        return await self._load(f"{_LIVE} AND {WALL} BETWEEN ? AND ?", [first, last])

    async def these(self, ids: Collection[str]) -> Loaded:
        """The clips of these ids that count."""
        of_these, parameters = _among("id", ids)
        return await self._load(f"{_LIVE} AND {of_these}", parameters)

    async def tellers(self) -> Loaded:
        """Every clip that is about other clips, sidecars and proxies, and what may look like a proxy."""
        return await self._load(
            f"{_LIVE} AND (role = 'proxy' OR meta['sidecar'] IS NOT NULL "
            f"OR kind IN ('video', 'audio') AND regexp_matches(concat(card, '/', path), '{_MAY_BE_PROXY}', 'i'))",
            [],
        )

    async def named(self, names: Collection[str]) -> Mapping[str, Sequence[str]]:
        """For each of these names or reels the ids of the clips that have it, without separators and in lower case."""
        rows = await self._catalog.query(_NAMED, [sorted(names)])
        found: dict[str, list[str]] = {name: [] for name in names}
        for name, id_ in rows:
            found[name].append(id_)
        return found

    async def seen_near(self, kind: str, first: float, last: float, most: int) -> Sequence[str]:
        """Ids of clips of a kind that were first seen between two moments, the nearest to their middle first."""
        rows = await self._catalog.query(
            f"SELECT id FROM clips WHERE {_LIVE} AND kind = ? AND epoch(first_seen) BETWEEN ? AND ? "  # noqa: S608 - our own constants
            "ORDER BY abs(epoch(first_seen) - ?), id LIMIT ?",
            [kind, first, last, (first + last) / 2, most],
        )
        return [str(id_) for (id_,) in rows]

    async def hours(self) -> Sequence[tuple[int, str, float, float]]:
        """Of every hour in which recordings began, by kind: the hour since the epoch, when the first and the last of
        them was first seen.
        """
        rows = await self._catalog.query(
            f"SELECT CAST(floor({WALL} / 3600) AS BIGINT), kind, min(epoch(first_seen)), max(epoch(first_seen)) "  # noqa: S608 - our own constants
            f"FROM clips WHERE {_LIVE} AND kind IN ('video', 'audio') AND role IN ('original', 'sound') "
            "GROUP BY ALL ORDER BY ALL"
        )
        return [(int(hour), str(kind), float(first), float(last)) for hour, kind, first, last in rows]

    async def gone(self, places: Iterable[tuple[str, str]]) -> Sequence[str]:
        """Ids of clips that lost these places (volume and path) to other recordings."""
        lost = set(places)
        of_these, paths = _among("path", {path for _, path in lost})
        rows = await self._catalog.query(
            f"SELECT volume, path, id FROM clips WHERE superseded AND {of_these}",  # noqa: S608 - our own constants
            paths,
        )
        return [str(id_) for volume, path, id_ in rows if (volume, path) in lost]

    async def linked_to(self, ids: Collection[str]) -> Sequence[str]:
        """The clips that this annotator linked to these."""
        rows = await self._catalog.query(
            "SELECT DISTINCT clip FROM links WHERE annotator = ? AND other IN (SELECT unnest(?::VARCHAR[]))",
            [self._annotator, list(ids)],
        )
        return [str(clip) for (clip,) in rows]

    async def devices(self) -> Mapping[str, str]:
        """The ids of the devices on the set's network by their names; without names that several have."""
        rows = await self._catalog.query("SELECT name, id FROM devices WHERE name <> ''")
        ids: dict[str, set[str]] = defaultdict(set)
        for name, id_ in rows:
            ids[name].add(id_)
        return {name: min(found) for name, found in sorted(ids.items()) if len(found) == 1}

    async def records(self, ids: Collection[str]) -> Sequence[Record]:
        """These records, tombstones too."""
        rows = await self._catalog.query(
            "SELECT id, source, kind, device, data, rate, rate_from, seen, deleted FROM records "
            "WHERE id IN (SELECT unnest(?::VARCHAR[])) ORDER BY id, source",
            [list(ids)],
        )
        return [_record(row) for row in rows]

    async def record_days(
        self, ids: Collection[str] | None = None
    ) -> Sequence[tuple[str, Any, Any, float, str, str]]:
        """Of every live record, or of these: id, the day and the time of creation that it tells, when it was told, its
        clip name and its file name.
        """
        chosen = "true" if ids is None else "id IN (SELECT unnest(?::VARCHAR[]))"
        columns = ", ".join(
            f"json_extract_string(data, '$.{path}')"
            for path in ("projectDay.date", "created", "clipName", "fileName")
        )
        rows = await self._catalog.query(
            f"SELECT id, seen, {columns} "  # noqa: S608 - our own constants
            f"FROM records WHERE NOT deleted AND {chosen}",
            [] if ids is None else [list(ids)],
        )
        return [
            (str(id_), day, created, float(seen), clip or "", file or "")
            for id_, seen, day, created, clip, file in rows
        ]

    async def _load(self, where: str, parameters: Sequence[Any]) -> Loaded:
        rows = await self._catalog.query(
            f"SELECT {_FILE} FROM clips WHERE {where}",  # noqa: S608 - our own constants
            parameters,
        )
        if not rows:
            return Loaded()
        ids = [str(row[0]) for row in rows]
        of_these, clips = _among("clip", ids)
        findings = await self._catalog.query(
            f"SELECT clip, annotator, basis, data, problem FROM findings WHERE {of_these}",  # noqa: S608 - our own constants
            clips,
        )
        links = await self._catalog.query(
            f"SELECT clip, other, kind, score, state, evidence FROM links WHERE {of_these} AND annotator = ?",  # noqa: S608 - our own constants
            [*clips, self._annotator],
        )
        begins = dict(
            await self._catalog.query(
                f"SELECT clip, annotator FROM backlog WHERE {of_these}",  # noqa: S608 - our own constants
                clips,
            )
        )
        told = self._told(findings, links)
        own = self._own(findings)
        # What others have not looked at yet comes by itself once they have.
        counted = [
            row for row in rows if row[0] in told or begins.get(row[0], self._annotator) == self._annotator
        ]
        files = [(_file(row, own.get(row[0], {})), int(row[1])) for row in counted]
        return Loaded(files, told, {id_ for id_ in begins if id_ not in told})

    def _told(self, findings: Sequence[Sequence[Any]], links: Sequence[Sequence[Any]]) -> dict[str, Mark]:
        by_clip: dict[str, list[Link]] = defaultdict(list)
        for clip, other, kind, score, state, evidence in links:
            by_clip[clip].append(
                Link(clip=clip, other=other, kind=kind, score=score, state=state, evidence=_read(evidence))
            )
        return {
            clip: mark(Finding(clip=clip, values=_values(data), basis=basis, links=by_clip.get(clip, ())))
            for clip, annotator, basis, data, _ in findings
            if annotator == self._annotator
        }

    def _own(self, findings: Sequence[Sequence[Any]]) -> Mapping[str, Mapping[str, Scalar]]:
        """What others said, merged as the ledger merges it: person over record over file."""
        merged: dict[str, dict[str, Scalar]] = defaultdict(dict)
        for clip, annotator, _, data, _ in sorted(findings, key=lambda row: (_RANK[row[2]], row[1])):
            if annotator != self._annotator:
                merged[clip].update(_values(data))
        return merged


def _among(column: str, values: Collection[str]) -> tuple[str, list[Any]]:
    """The condition that a column has one of the values, and its parameters: constants are looked up in an index, a
    list is joined with the whole column.
    """
    if len(values) <= _MOST_CONSTANTS:
        return f"{column} IN ({', '.join('?' * len(values))})" if values else "false", list(values)
    return f"{column} IN (SELECT unnest(?::VARCHAR[]))", [list(values)]


def _values(data: str) -> dict[str, Scalar]:
    return {
        name: datetime.fromisoformat(value["datetime"]) if isinstance(value, dict) else value
        for name, value in _read(data).items()
    }


def _read(told: str) -> Any:
    """JSON of the ledger, several times as fast as `json` reads it; a text that is no Unicode only that reads."""
    try:
        return _decode(told)
    except msgspec.DecodeError:
        return json.loads(told)


def _file(row: Sequence[Any], meta: Mapping[str, Scalar]) -> File:
    id_, _, path, volume, card, kind, role, modified, seen, size = row
    starts, ends = timespan(meta)
    return File(
        id=id_, filename=path.rpartition("/")[2], path=path, volume=volume, card=card, kind=kind, role=role,
        meta=meta, starts=starts, ends=ends, seen=seen, modified=modified, size=size,
    )  # fmt: skip


def _record(row: Sequence[Any]) -> Record:
    id_, source, kind, device, data, rate, rate_from, seen, deleted = row
    return Record(
        id=id_, source=source, kind=kind, device=device, data=_read(data), rate=rate, rate_from=rate_from,
        seen=seen, deleted=deleted,
    )  # fmt: skip
