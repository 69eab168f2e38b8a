"""The action `list`: pairs of clips, of clip and record, with what speaks for them and who decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, Permanent, Tell
from rushes_match.actions.finding import find
from rushes_match.library.decisions import decisions

if TYPE_CHECKING:
    from rushes_match.annotator import Match
    from rushes_match.options import MatchOptions

STATES = ("ambiguous", "matched", "rejected", "lost")

#: A pair of two clips has a link on both: it is told from the picture's. So do parts and proxies.
_LINKS = """
    SELECT l.clip, l.other, l.kind, l.state, l.score, l.evidence,
        c.path, c.card, coalesce(c.meta['recorder'], c.camera), c.timecode,
        o.path, o.card, coalesce(o.meta['recorder'], o.camera), o.timecode,
        json_extract_string(r.data, ['$.clipName', '$.scene.number', '$.take.number'])
    FROM links l JOIN clips c ON c.id = l.clip AND NOT c.superseded
    LEFT JOIN clips o ON o.id = l.other LEFT JOIN records r ON r.id = l.other AND o.id IS NULL
    WHERE l.annotator = ? AND l.kind IN ('sound', 'record', 'sidecar', 'original')
    AND list_contains(?::VARCHAR[], l.state) AND (? = '' OR l.clip = ? OR l.other = ?)
    ORDER BY c.card, c.path, l.kind, l.score DESC, l.other LIMIT ?
"""


async def list_(
    _options: MatchOptions,
    context: Context,
    _part: Match | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`pairs`: each with clip and other (id, name, card, folder, recorder, timecode), kind, state, score, evidence; and
    `decisions`.

    `states` names the states, comma separated ("ambiguous" unless given), `clip` the one clip whose pairs are wanted,
    `limit` how many at most; `more` tells that there are more. Raises NotFound, and Permanent for a state or a limit
    that is none.
    """
    states = [state for state in arguments.get("states", "ambiguous").split(",") if state]
    if unknown := [state for state in states if state not in STATES]:
        raise Permanent(f"no state {unknown[0]}; there are {', '.join(STATES)}")
    said = arguments.get("clip", "")
    clip = (await find(context, said)).id if said else ""
    told = arguments.get("limit", "200")
    if not (told.isascii() and told.isdecimal() and len(told) < 10 and int(told) > 0):
        raise Permanent(f"limit is a number from 1 on, not {told[:40]!r}")
    limit = int(told)
    rows = await context.catalog.query(_LINKS, [context.id, states, clip, clip, clip, limit + 1])
    decided = [
        {"clip": one.picture, "other": one.sound, "accept": one.accept, "at": one.at}
        for one in await decisions(context.store)
        if clip in {"", one.picture, one.sound}
    ]
    return {"pairs": [_pair(row) for row in rows[:limit]], "more": len(rows) > limit, "decisions": decided}


def _pair(row: tuple[Any, ...]) -> Mapping[str, Any]:
    clip, other, kind, state, score, evidence, *sides, record = row
    told = _side(other, *sides[4:])
    if sides[4] is None and record:
        numbers = zip(("scene", "take"), record[1:], strict=True)
        told["name"] = record[0] or " ".join(f"{what} {said}" for what, said in numbers if said)
    return {
        "clip": _side(clip, *sides[:4]), "other": told, "kind": kind, "state": state, "score": score,
        "evidence": json.loads(evidence),
    }  # fmt: skip


def _side(id_: str, path: str | None, *told: str | None) -> dict[str, str]:
    """Two of one name differ in one of these, but for copies."""
    folder, _, name = (path or "").rpartition("/")
    card, recorder, timecode = (each or "" for each in told)
    return {
        "id": id_,
        "name": name,
        "card": card,
        "folder": folder,
        "recorder": recorder,
        "timecode": timecode,
    }
