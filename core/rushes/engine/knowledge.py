"""What the ledger knows of some clips at one moment, with what annotators have just said of them on top."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import itemgetter, ne
from typing import Any

from rushes.columns import META
from rushes.engine.merge import merged
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import StoredFinding, put_finding, read_clip, read_finding, told_otherwise
from rushes.ledger.schema import CLIPS, FINDINGS, LINKS, Table
from rushes.ledger.write import Change, Put
from rushes.model import Clip, Finding, Kind

OVERWRITTEN = "another recording took its name before it was delivered"

_KINDS = {kind.value: kind for kind in Kind}
_REVISION, _SUPERSEDED = CLIPS.names.index("revision"), CLIPS.names.index("superseded")
_PATH = CLIPS.names.index("path")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of some clips: the `rows` of findings as the ledger has them, by clip and annotator, and what they
    say, by clip and then annotator; in `said` what annotators say now takes the place of what they had said.
    """

    rows: Mapping[tuple[str, str], Row]
    said: Mapping[str, dict[str, StoredFinding]]


@dataclass(frozen=True, slots=True)
class Known:
    """`clips` with their merged metadata, those that are still what was annotated; by id, `rows` are theirs, and
    `stored` as the ledger has them.

    `gone` lost their name to another recording. `found` are, by clip and annotator, the rows of finding and links
    that the ledger has; of the finding alone unless the `links` were asked for.
    """

    clips: Sequence[Clip]
    gone: frozenset[str]
    rows: Mapping[str, Row]
    stored: Mapping[str, Row]
    found: Mapping[tuple[str, str], Sequence[Row]]
    links: bool

    def new_rows(self) -> list[Put]:
        """The rows of the clips that are not as the ledger has them."""
        return [
            Put(CLIPS, row, only=_only(row, before))
            for name, row in self.rows.items()
            if row != (before := self.stored[name])
        ]

    def new_findings(self, said: Iterable[tuple[str, Finding]]) -> list[Change]:
        """The changes that store what was said of the clips, apart from what is known to be stored already."""
        current = {clip.id for clip in self.clips}
        changes: list[Change] = []
        for annotator, finding in said:
            before = self.found.get((finding.clip, annotator), ())
            wanted = put_finding(annotator, finding, first=not before)
            rows = [change.row for change in wanted if isinstance(change, Put)]
            if finding.clip in current and not (self.links and _same(rows, before)):
                changes += wanted
        return changes


def _only(row: Row, before: Row) -> frozenset[str]:
    """The columns that differ, where those can be written alone."""
    changed = frozenset(compress(CLIPS.names, map(ne, row, before)))
    return frozenset() if META.name in changed else changed


def _same(rows: Sequence[Row], before: Sequence[Row]) -> bool:
    return len(rows) == len(before) and all(row in before for row in rows)


def told_of(query: Query, clips: Collection[str]) -> Told:
    """Everything that is stored of the clips."""
    told = Told(
        {(row[0], row[1]): row for row in _rows(query, FINDINGS, clips)}, {clip: {} for clip in clips}
    )
    for (clip, annotator), row in told.rows.items():
        told.said[clip][annotator] = read_finding(row)
    return told


def by_others(clip: Clip, annotator: str, told: Told) -> Clip:
    """The clip with the metadata that everybody but `annotator` gives it."""
    others = [stored for by, stored in told.said[clip.id].items() if by != annotator]
    return _of_its_kind(replace(clip, meta=merged(others)))


def _of_its_kind(clip: Clip) -> Clip:
    """A source knows the kind of a file by its name, whoever looks into it knows better."""
    kind = clip.meta.get("kind")
    if kind is None:
        return clip
    others = {name: value for name, value in clip.meta.items() if name != "kind"}
    return replace(clip, meta=others, kind=_KINDS.get(str(kind), clip.kind))


def look(query: Query, clips: Sequence[Clip], told: Told | None, *, again: bool = False) -> Known:
    """The clips that are still of the revision that was annotated, with what is `told` of them: as long as they are,
    nobody but their annotators adds to it. None where there are no annotators: what their source said is all there is
    to know.

    When they are annotated `again`, those that lost their name are left out and links are looked at too.
    """
    revisions = {clip.id: clip.revision for clip in clips}
    where, names = among("id", revisions)
    # Sorting takes DuckDB as long as finding them.
    rows = sorted(query(f"SELECT * FROM clips WHERE {where}", names), key=itemgetter(_PATH))  # noqa: S608 - our own
    current = {row[0]: row for row in rows if row[_REVISION] == revisions[row[0]]}
    gone = frozenset(row[0] for row in rows if row[_SUPERSEDED])
    if again:
        current = {name: row for name, row in current.items() if name not in gone}
    found: dict[tuple[str, str], list[Row]] = {}
    if told is None:
        known = [read_clip(row) for row in current.values()]
    else:
        found = {whose: [row] for whose, row in told.rows.items()}
        for row in _rows(query, LINKS, revisions) if again else ():
            found.setdefault((row[0], row[1]), []).append(row)
        metas = {name: merged(told.said[name].values()) for name in current}
        known = [_of_its_kind(read_clip(row, metas[name])) for name, row in current.items()]
    # Its bytes were gone before anything was done with them: that is to be seen, not passed over.
    known = [
        replace(clip, meta={**clip.meta, "problem": OVERWRITTEN}) if clip.id in gone else clip
        for clip in known
    ]
    plain = told is None and not gone
    now = (
        current
        if plain
        else {clip.id: told_otherwise(current[clip.id], clip, superseded=clip.id in gone) for clip in known}
    )
    return Known(known, gone, now, current, found, again)


def _rows(query: Query, table: Table, clips: Collection[str]) -> list[Row]:
    """The rows of a table that begins with the id of a clip."""
    where, names = among("clip", clips)
    return query(f"SELECT {', '.join(table.names)} FROM {table.name} WHERE {where}", names)  # noqa: S608 - our own
