"""What a clip matched, as documents: with the names of the other side, and with what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rushes.engine.note import note
from rushes.ledger import Query

#: Told one by one; how many more there are is told in a line.
MOST_AMBIGUOUS = 20
DECIDE = "pipeline match FILE list"

_STATES = ("matched", "ambiguous", "rejected", "lost")
#: What people tell recordings apart by, besides their names, cards and recorders.
FACTS = (
    "timecode", "timecode_end", "duration", "scene", "slate", "take", "size", "channels", "width", "height",
)  # fmt: skip
_LINKS = f"""
    SELECT l.other, l.kind, l.annotator, l.score, l.state, l.evidence, c.path, c.card, r.data, c.recorder,
        {", ".join(f"c.{name}" for name in FACTS)}
    FROM links l
    LEFT JOIN (SELECT id, path, card, coalesce(meta['recorder'], camera) AS recorder, {", ".join(FACTS)}
               FROM clips) c ON c.id = l.other
    LEFT JOIN (SELECT id, any_value(data) AS data FROM records WHERE id IN
               (SELECT other FROM links WHERE clip = $1) GROUP BY id) r ON r.id = l.other
    WHERE l.clip = $1
    ORDER BY l.kind, l.score DESC, l.other
"""  # noqa: S608 - our own words
#: Of links: what is said from both sides of a pair is told of one of them, a sound of the picture.
ONE_SIDE = "kind NOT IN ('picture', 'part', 'proxy')"
#: What a person is asked, as `views.matches` pages through it: what of a kind an annotator thinks belongs to a clip.
_AMBIGUOUS = f"""
    SELECT c.id, c.path, c.card, l.kind, l.number FROM clips c JOIN (
        SELECT clip, annotator, kind, count(*) AS number FROM links
        WHERE state = 'ambiguous' AND {ONE_SIDE} GROUP BY ALL
    ) l ON c.id = l.clip
    WHERE NOT c.superseded ORDER BY c.path, c.card, l.kind, c.id, l.annotator
"""  # noqa: S608 - our own words
#: Nobody decides which files are one recording.
_UNDECIDED = frozenset({"part", "whole"})


def links(query: Query, clip: str) -> list[dict[str, Any]]:
    """All links of a clip, what counts first. `name`, `card`, `folder` (on the card), `recorder` and `FACTS` are the
    other clip's; a record has a name alone. `verbs` are what a person can say of it.
    """
    found = [
        {
            "other": other,
            "kind": kind,
            "annotator": annotator,
            "score": score,
            "state": state,
            "evidence": json.loads(evidence),
            "name": path.rsplit("/", 1)[-1] if path else said_by(json.loads(data)) if data else "",
            "card": card or "",
            "folder": folder_of(path or ""),
            "recorder": recorder or "",
            "verbs": verbs_of(kind, state, json.loads(evidence)),
            **dict(zip(FACTS, facts, strict=True)),
        }
        for other, kind, annotator, score, state, evidence, path, card, data, recorder, *facts in query(
            _LINKS, [clip]
        )
    ]
    return sorted(found, key=lambda link: _STATES.index(link["state"]))


def folder_of(path: str) -> str:
    """Where a file lies within its volume; "" at the top of it."""
    return path.rpartition("/")[0]


def verbs_of(kind: str, state: str, evidence: Mapping[str, Any]) -> list[str]:
    """What a person can say of such a link: accept, reject, forget."""
    if kind in _UNDECIDED:
        return []
    told = [verb for verb, done in (("accept", "matched"), ("reject", "rejected")) if state != done]
    return [*told, "forget"] if evidence.get("by") == "person" else told


def said_by(record: object) -> str:
    """What a record calls its recording: `scene 12A, slate 112, take 3, A001C003`."""
    if not isinstance(record, Mapping):
        return ""
    words = [f"{word} {text}" for word in ("scene", "slate", "take") if (text := _number(record.get(word)))]
    names = [str(record[name]) for name in ("clipName", "fileName") if record.get(name)]
    return ", ".join([*words, *names[:1]])


def _number(value: object) -> str:
    """A scene, slate or take: a text, or a number with what is added to it."""
    if isinstance(value, Mapping):
        return "".join(str(value[name]) for name in ("number", "additional") if value.get(name) is not None)
    return "" if value is None else str(value)


def ambiguous(query: Query) -> list[dict[str, Any]]:
    """The clips whose match waits for a person, as things that need one."""
    rows = query(_AMBIGUOUS)
    told = [
        note(
            "match",
            f"{card}: {path}",
            f"{number} {kind}s may belong to it" if number > 1 else f"one {kind} may belong to it",
            DECIDE,
            clip=clip,
        )
        for clip, path, card, kind, number in rows[:MOST_AMBIGUOUS]
    ]
    if more := len(rows) - len(told):
        told.append(note("match", "matches", f"{more} more are ambiguous", DECIDE, things=more))
    return told
