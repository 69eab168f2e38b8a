"""Clips with what they belong to or may belong to, and what speaks for it: for a person to decide."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rushes.engine.links import FACTS, ONE_SIDE, folder_of, said_by, verbs_of
from rushes.engine.searches import MOST_MATCHES, MatchSearch, cursor, place
from rushes.engine.views.document import Document
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.lookup import among

_KEY = ("card", "path", "clip", "annotator", "kind")
_CANDIDATES = """
    SELECT clip, annotator, kind, other, state, score, evidence FROM links l WHERE {where} ORDER BY score DESC, other
"""
_NOT_TOLD: Mapping[str, None] = dict.fromkeys(FACTS)
_SIDES = f"""
    SELECT id, path, card, coalesce(meta['recorder'], camera), kind, {", ".join(FACTS)} FROM clips WHERE {{where}}
"""  # noqa: S608 - our own words
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
    asked = [tuple(key[2:]) for key in keys]
    where, clips = among("l.clip", sorted({clip for clip, *_ in asked}))
    rows = query(_CANDIDATES.format(where=where), clips)
    sides = _sides(query, {clip for clip, *_ in asked} | {row[3] for row in rows if row[:3] in asked})
    candidates: Mapping[tuple[str, ...], list[Document]] = {key: [] for key in asked}
    for row in rows:
        if (key := row[:3]) in candidates:
            candidates[key].append(_candidate(key[2], sides, *row[3:]))
    return [
        {
            "clip": sides[key[0]],
            "annotator": key[1],
            "kind": key[2],
            "decided": all(found["state"] != "ambiguous" for found in candidates[key]),
            "candidates": sorted(candidates[key], key=_likeliest),
        }
        for key in asked
    ]


def _candidate(
    kind: str, sides: Mapping[str, Document], other: str, state: str, score: float, told: str
) -> Document:
    evidence = json.loads(told)
    return {
        "other": sides[other], "state": state, "score": score, "evidence": evidence,
        "verbs": verbs_of(kind, state, evidence),
    }  # fmt: skip


def _likeliest(candidate: Document) -> tuple[float, float]:
    """The order of candidates: of those that are as likely, the one that was recorded nearest in time comes first."""
    apart = candidate["evidence"].get("wall_seconds")
    return -candidate["score"], math.inf if apart is None else abs(apart)


def _sides(query: Query, ids: Collection[str]) -> dict[str, Document]:
    """By id, clips as people tell them apart; records, and what is gone, have a name alone."""
    where, names = among("id", ids)
    clips = query(_SIDES.format(where=where), names)
    gone = set(ids) - {id_ for id_, *_ in clips}
    where, names = among("id", gone)
    records = query(f"SELECT id, data FROM records WHERE {where}", names) if gone else ()  # noqa: S608 - our own words
    told = {id_: _side(id_) for id_ in gone} | {
        id_: _side(id_, name=said_by(json.loads(data)), kind="record") for id_, data in records
    }
    for id_, path, card, recorder, kind, *facts in clips:
        name, folder = path.rpartition("/")[2], folder_of(path)
        about = dict(zip(FACTS, facts, strict=True))
        told[id_] = _side(
            id_, name=name, card=card, folder=folder, recorder=recorder or "", kind=kind, **about
        )
    return told


def _side(id_: str, **known: Any) -> Document:
    none = {"name": "", "card": "", "folder": "", "recorder": "", "kind": ""}
    return {"id": id_, **none, **_NOT_TOLD, **known}
