"""The action `export`: the day as OTIO, ALE and CSV."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rushes import Context, Permanent, Tell
from rushes_match.export.files import FORMATS, made
from rushes_match.export.reading import read_day
from rushes_match.export.room import refuse_card

if TYPE_CHECKING:
    from rushes_match.annotator import Match
    from rushes_match.options import MatchOptions


async def export_(
    _options: MatchOptions, context: Context, _part: Match | None, arguments: Mapping[str, str], tell: Tell
) -> Mapping[str, Any]:
    """Of `day` (YYYY-MM-DD, else the last), in `formats` (comma separated, else all). Tells `name` and `data`
    (base64) of each file; returns `day`, `pictures`, `sounds`, `synced` (pictures in
    sync), `about` (those of them by learned clocks alone), `matched` (pictures that
    have a sound), `waiting` (pictures of which a person has to say something), `files`.

    Raises Permanent where `to`, the folder that they are for, lies on a card; NotFound for a day without recordings.
    """
    formats = [one for one in arguments.get("formats", "").split(",") if one] or list(FORMATS)
    if unknown := [one for one in formats if one not in FORMATS]:
        raise Permanent(f"no format {unknown[0]}; there are {', '.join(FORMATS)}")
    if folder := arguments.get("to"):
        await refuse_card(context, Path(folder))
    day = await read_day(context, arguments.get("day", ""))
    found = await context.call(made, day, formats)
    for name, data in found:
        await tell({"name": name, "data": base64.b64encode(data).decode()})
    pictures = {shot.id for shot in day.shots if shot.picture}
    return {
        "day": day.date,
        "pictures": len(pictures),
        "sounds": len(day.shots) - len(pictures),
        "matched": len({bond.picture for bond in day.bonds if bond.state == "matched"} & pictures),
        "synced": len({sync.picture for sync in day.syncs}),
        "about": len({sync.picture for sync in day.syncs if sync.about}),
        "waiting": len({bond.picture for bond in day.bonds if bond.state == "ambiguous"} & pictures),
        "files": [name for name, _ in found],
    }
