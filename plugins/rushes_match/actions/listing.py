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
    SELECT l.clip, parse_filename(c.path), c.card, c.timecode, l.other, parse_filename(o.path), o.card, o.timecode,
        json_extract_string(r.data, ['$.clipName', '$.scene.number', '$.take.number']), l.kind, l.state, l.score,
        l.evidence
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
    """`pairs`: each with clip and other (id, name, card, timecode), kind, state, score, evidence; `decisions`.

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
    clip, name, card, timecode, other, other_name, other_card, other_timecode, record, *rest = row
    kind, state, score, evidence = rest
    if other_name is None and record:
        other_name = record[0] or " ".join(
            f"{what} {told}" for what, told in zip(("scene", "take"), record[1:], strict=True) if told
        )
    return {
        "clip": {"id": clip, "name": name, "card": card, "timecode": timecode or ""},
        "other": {
            "id": other, "name": other_name or "", "card": other_card or "", "timecode": other_timecode or ""
        },
        "kind": kind, "state": state, "score": score, "evidence": json.loads(evidence),
    }  # fmt: skip
