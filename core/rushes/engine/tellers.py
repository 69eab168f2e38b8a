"""Who told each value of a clip: its source, an annotator, a record or clip that it matched, or a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from rushes.columns import COLUMNS
from rushes.engine.merge import in_order
from rushes.ledger import Query
from rushes.ledger.rows import StoredFinding, read_clip
from rushes.model import Scalar

_MATCHED = """
    SELECT l.annotator, l.other, any_value(r.data), any_value(r.device), any_value(d.name)
    FROM links l LEFT JOIN records r ON r.id = l.other LEFT JOIN devices d ON d.id = r.device
    WHERE l.clip = ? AND l.state = 'matched' GROUP BY l.annotator, l.other ORDER BY l.annotator, l.other
"""
_CLIPS = "SELECT * FROM clips WHERE id IN (SELECT unnest(?::VARCHAR[]))"
#: Columns that an annotator concludes: nobody told it those.
_CONCLUDED = frozenset(
    column.name for column in COLUMNS if not {"source", "probe", "record"} & set(column.writer.split(", "))
) - {"meta"}


class Original(TypedDict):
    """The record or clip that an annotator has a value from; `name` is the record's device, or the clip's file."""

    kind: str
    id: str
    name: str


class Teller(TypedDict):
    """`by` is the id of a source or annotator; `of` is empty where it looked itself."""

    by: str
    basis: str
    of: list[Original]


@dataclass(frozen=True, slots=True)
class _Matched:
    annotator: str
    original: Original
    record: Any = None
    values: Mapping[str, Scalar] | None = None

    def says(self, name: str, value: Scalar) -> bool:
        """Whether the value can be read there. What a yes or no of a record is called, only its annotator knows."""
        if self.values is not None:
            return self.values.get(name) == value
        return isinstance(value, bool) or any(str(value) in text for text in _texts(self.record))


def tellers(query: Query, clip: str, findings: Iterable[StoredFinding]) -> dict[str, Teller]:
    """By the name of each value of the merged view, who told it; "problem" among them."""
    matched = _matched(query, clip)
    told: dict[str, Teller] = {}
    for stored in in_order(findings):
        finding = stored.finding
        mine = [one for one in matched if one.annotator == stored.annotator]
        for name, value in finding.values.items():
            told[name] = Teller(
                by=stored.annotator, basis=finding.basis, of=_originals(name, value, finding.basis, mine)
            )
        if finding.problem:
            told["problem"] = Teller(by=stored.annotator, basis=finding.basis, of=[])
    return told


def _originals(name: str, value: Scalar, basis: str, matched: Sequence[_Matched]) -> list[Original]:
    """The records that hold the value, else the clips; a record may spell it in another way, then all of them."""
    if name in _CONCLUDED:
        return []
    records = [one for one in matched if one.original["kind"] == "record"] if basis == "record" else []
    clips = [one for one in matched if one.original["kind"] == "clip"]
    for these in (records, clips):
        if saying := [one.original for one in these if one.says(name, value)]:
            return saying
    return [one.original for one in records]


def _matched(query: Query, clip: str) -> list[_Matched]:
    rows = query(_MATCHED, [clip])
    others = [other for _, other, data, _, _ in rows if data is None]
    clips = {found.id: found for found in map(read_clip, query(_CLIPS, [others]))} if others else {}
    matched = []
    for annotator, other, data, device, name in rows:
        if data is not None:
            original = Original(kind="record", id=other, name=name or device or other)
            matched.append(_Matched(annotator, original, record=json.loads(data)))
        elif other in clips:
            original = Original(kind="clip", id=other, name=clips[other].filename)
            matched.append(_Matched(annotator, original, values=clips[other].meta))
    return matched


def _texts(data: Any) -> Iterator[str]:
    """Every value of a record as text; a number with what is added to it also as one."""
    if isinstance(data, Mapping):
        if "number" in data and "additional" in data:
            yield f"{data['number']}{data['additional']}"
        for inside in data.values():
            yield from _texts(inside)
    elif isinstance(data, list):
        for inside in data:
            yield from _texts(inside)
    elif data is not None:
        yield str(data)
