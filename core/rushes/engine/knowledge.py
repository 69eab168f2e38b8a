"""What the ledger knows of some clips at one moment, with what annotators have just said of them on top."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rushes.engine.merge import merged
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import StoredFinding, put_clip, put_finding, read_clip, read_finding
from rushes.ledger.schema import CLIPS, FINDINGS, LINKS, Table
from rushes.ledger.write import Change, Put
from rushes.model import Clip, Finding, Kind, Scalar

OVERWRITTEN = "another recording took its name before it was delivered"

_KINDS = {kind.value: kind for kind in Kind}
_REVISION, _SUPERSEDED = CLIPS.names.index("revision"), CLIPS.names.index("superseded")

Row = tuple[Any, ...]

#: What is said of clips: clip, annotator, finding.
Said = dict[str, dict[str, StoredFinding]]


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
        return [Put(CLIPS, row) for name, row in self.rows.items() if row != self.stored[name]]

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


def _same(rows: Sequence[Row], before: Sequence[Row]) -> bool:
    return len(rows) == len(before) and all(row in before for row in rows)


def said_of(query: Query, clips: Collection[str]) -> Said:
    """Everything that is stored of the clips."""
    said: Said = {clip: {} for clip in clips}
    for row in _rows(query, FINDINGS, clips):
        stored = read_finding(row)
        said[stored.finding.clip][stored.annotator] = stored
    return said


def by_others(clip: Clip, annotator: str, said: Said) -> Clip:
    """The clip with the metadata that everybody but `annotator` gives it."""
    others = [stored for by, stored in said[clip.id].items() if by != annotator]
    return _told(clip, merged(others))


def _told(clip: Clip, meta: Mapping[str, Scalar]) -> Clip:
    """The clip as it is told: a source knows the kind of a file by its name, whoever looks into it knows better."""
    kind = meta.get("kind")
    if kind is None:
        return replace(clip, meta=meta)
    others = {name: value for name, value in meta.items() if name != "kind"}
    return replace(clip, meta=others, kind=_KINDS.get(str(kind), clip.kind))


def look(
    query: Query,
    clips: Sequence[Clip],
    found: Sequence[tuple[str, Finding]],
    *,
    annotated: bool = True,
    again: bool = False,
) -> Known:
    """The clips that are still of the revision that was annotated, with what was just `found`.

    Where nothing is `annotated`, what their source said is all there is to know. When they are annotated `again`,
    those that lost their name are left out and links are looked at too.
    """
    revisions = {clip.id: clip.revision for clip in clips}
    where, names = among("id", revisions)
    rows = query(f"SELECT * FROM clips WHERE {where} ORDER BY path", names)  # noqa: S608 - our own
    current = {row[0]: row for row in rows if row[_REVISION] == revisions[row[0]]}
    gone = frozenset(row[0] for row in rows if row[_SUPERSEDED])
    if again:
        current = {name: row for name, row in current.items() if name not in gone}
    stored: dict[tuple[str, str], list[Row]] = {}
    if annotated:
        said: Said = {name: {} for name in current}
        findings = _rows(query, FINDINGS, revisions)
        for row in [*findings, *(_rows(query, LINKS, revisions) if again else ())]:
            stored.setdefault((row[0], row[1]), []).append(row)
        fresh = [StoredFinding(annotator=annotator, finding=finding) for annotator, finding in found]
        answers = {(finding.clip, annotator) for annotator, finding in found}
        earlier = [read_finding(row) for row in findings if (row[0], row[1]) not in answers]
        for each in [*earlier, *fresh]:
            if each.finding.clip in said:
                said[each.finding.clip][each.annotator] = each
        known = [_told(read_clip(row, {}), merged(said[name].values())) for name, row in current.items()]
    else:
        known = [read_clip(row) for row in current.values()]
    # Its bytes were gone before anything was done with them: that is to be seen, not passed over.
    known = [
        replace(clip, meta={**clip.meta, "problem": OVERWRITTEN}) if clip.id in gone else clip
        for clip in known
    ]
    told = annotated or gone
    now = {clip.id: put_clip(clip, superseded=clip.id in gone).row for clip in known} if told else current
    return Known(known, gone, now, current, stored, again)


def _rows(query: Query, table: Table, clips: Collection[str]) -> list[Row]:
    """The rows of a table that begins with the id of a clip."""
    where, names = among("clip", clips)
    return query(f"SELECT {', '.join(table.names)} FROM {table.name} WHERE {where}", names)  # noqa: S608 - our own
