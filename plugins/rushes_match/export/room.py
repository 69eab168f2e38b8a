"""Where an export may be written: not onto a card."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import trio

from rushes import Clip, Context, MediaGone, Permanent

_FOLDER = "folder:"


async def refuse_card(context: Context, folder: Path) -> None:
    """Raise Permanent where the folder lies among recordings: an ALE there would be taken for a camera's.

    A folder that is a volume is refused as a whole, a mounted one only where its recordings are.
    """
    rows = await context.catalog.query(
        "SELECT volume, split_part(path, '/', 1) AS first, min(card), min(path) FROM clips "
        "WHERE NOT superseded AND parent = '' GROUP BY volume, first"
    )

    def holding() -> str | None:
        real = folder.resolve()
        for volume, first, card, path in rows:
            place = _place(context, volume, first, path)
            if place is not None and real.is_relative_to(place.resolve()):
                return str(card or volume)
        return None

    if card := await trio.to_thread.run_sync(holding):
        raise Permanent(f"{folder}: lies on {card}, which holds recordings; name another folder with --to")


def _place(context: Context, volume: str, first: str, path: str) -> Path | None:
    if volume.startswith(_FOLDER):
        return Path(volume.removeprefix(_FOLDER))
    try:
        found = context.path(Clip(volume=volume, path=path))
    except (MediaGone, Permanent):
        return None
    parts = PurePosixPath(path).parts
    return found.parents[len(parts) - 2] if len(parts) > 1 and parts[0] == first else None
