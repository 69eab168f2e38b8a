"""Clips with what they belong to or may belong to, and what speaks for it: for a person to decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rushes.engine.links import ONE_SIDE, folder_of, said_by, verbs_of
from rushes.engine.searches import MOST_MATCHES, MatchSearch, cursor, place
from rushes.engine.views.document import Document
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.lookup import among

_KEY = ("card", "path", "clip", "annotator", "kind")
_CANDIDATES = """
    SELECT l.clip, l.annotator, l.kind, l.other, l.state, l.score, l.evidence, o.path, o.card, o.timecode,
        coalesce(o.meta['recorder'], o.camera)
    FROM links l LEFT JOIN clips o ON o.id = l.other WHERE {where} ORDER BY l.score DESC, l.other
"""
_TOLD = "SELECT id, timecode, coalesce(meta['recorder'], camera) FROM clips WHERE {where}"
#: Of a pair that several annotators speak of, the one who asks a person comes first.
_SPEAKERS = """
    SELECT annotator FROM links WHERE (clip = $1 AND other = $2) OR (clip = $2 AND other = $1)
    ORDER BY state <> 'ambiguous', annotator LIMIT 1
"""


def matches(query: Query, search: MatchSearch) -> Document:
    """A page of clips with their candidates of one kind, and how many there are. A pair is told of one of its sides,
    of the `clip` where one is asked for. Raises SearchError for an `after` that is none of ours.
    """
    conditions, asked = ["NOT c.superseded"], list[Any]()
    if search.clip:
        conditions.append("l.clip = ?")
        asked.append(search.clip)
    else:
        conditions.append(f"l.{ONE_SIDE}")
    if search.states:
        conditions.append("list_contains(?::VARCHAR[], l.state)")
        asked.append(sorted(search.states))
    behind = "true"
    start: Sequence[Any] = ()
    if search.after:
        behind, start = f"({', '.join(_KEY)}) > (?, ?, ?, ?, ?)", place(search.after, *[str] * len(_KEY))
    limit = min(search.limit, MOST_MATCHES)
    rows = query(
        f"""
        WITH found AS MATERIALIZED (
            SELECT DISTINCT l.clip, l.annotator, l.kind, c.card, c.path
            FROM links l JOIN clips c ON c.id = l.clip WHERE {" AND ".join(conditions)}),
        page AS (SELECT * FROM found WHERE {behind} ORDER BY {", ".join(_KEY)} LIMIT {limit + 1})
        SELECT total, {", ".join(_KEY)}
        FROM (SELECT count(*) AS total FROM found) LEFT JOIN page ON true ORDER BY {", ".join(_KEY)}
        """,  # noqa: S608 - our own words
        [*asked, *start],
    )
    keys = [row[1:] for row in rows if row[1] is not None]
    return {
        "matches": _documents(query, keys[:limit]),
        "total": rows[0][0],
        "after": cursor(*keys[limit - 1]) if len(keys) > limit else None,
    }


def annotator_of(query: Query, clip: str, other: str) -> str:
    """Who says something of that pair. Raises NotFound."""
    rows = query(_SPEAKERS, [clip, other])
    if not rows:
        raise NotFound(f"nobody says that {clip} and {other} belong together; see pipeline match FILE list")
    return str(rows[0][0])


def _documents(query: Query, keys: Iterable[Sequence[str]]) -> list[Document]:
    """What is asked of each (card, path, clip, annotator, kind)."""
    asked = {tuple(key[2:]): key for key in keys}
    where, clips = among("l.clip", sorted({clip for clip, *_ in asked}))
    rows = query(_CANDIDATES.format(where=where), clips)
    where, others = among("id", {row[3] for row in rows if row[7] is None})
    records = dict(query(f"SELECT id, data FROM records WHERE {where}", others))  # noqa: S608 - our own words
    candidates: Mapping[tuple[str, ...], list[Document]] = {key: [] for key in asked}
    for row in rows:
        if (key := row[:3]) in candidates:
            candidates[key].append(_candidate(key[2], row[3:], records.get(row[3])))
    where, clips = among("id", sorted({clip for clip, *_ in asked}))
    told = {name: rest for name, *rest in query(_TOLD.format(where=where), clips)}
    return [
        {
            "clip": _side(clip, path, card, *told[clip]),
            "annotator": annotator,
            "kind": kind,
            "decided": all(found["state"] != "ambiguous" for found in candidates[clip, annotator, kind]),
            "candidates": candidates[clip, annotator, kind],
        }
        for card, path, clip, annotator, kind in asked.values()
    ]


def _candidate(kind: str, row: Sequence[Any], record: str | None) -> Document:
    other, state, score, told, path, card, timecode, recorder = row
    side = _side(other, path or "", card or "", timecode, recorder)
    if path is None and record:
        side["name"] = said_by(json.loads(record))
    evidence = json.loads(told)
    return {
        "other": side, "state": state, "score": score, "evidence": evidence,
        "verbs": verbs_of(kind, state, evidence),
    }  # fmt: skip


def _side(id_: str, path: str, card: str, timecode: str | None, recorder: str | None) -> Document:
    return {
        "id": id_, "name": path.rpartition("/")[2], "card": card, "folder": folder_of(path),
        "recorder": recorder or "", "timecode": timecode,
    }  # fmt: skip
