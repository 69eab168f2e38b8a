"""The action `slate`: a person says what the slate of the upcoming take will show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rushes import Context, Permanent, Tell
from rushes_masterlockit.actions.people import door_of

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource

TEXTS = ("scene", "slate", "take", "roll", "cam", "date", "director", "dop", "soundmixer", "producer")
FLAGS = ("inside", "outside", "day", "night", "mos")

#: A slate has no room for more.
LONGEST = 200
_MOST_FPS = 100_000


async def slate(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`slate`: the SlateInfo that was told, made of `TEXTS`, of those of `FLAGS` that are there, and of `fps`."""
    info = slate_info(arguments)
    async with door_of(options, context, part) as door:
        await door.slate(info)
    return {"slate": info}


def slate_info(arguments: Mapping[str, str]) -> Mapping[str, Any]:
    """Raises Permanent for what no slate shows, and where nothing is said."""
    info: dict[str, Any] = {}
    for name in TEXTS:
        if text := arguments.get(name, "").strip():
            if len(text) > LONGEST or not text.isprintable():
                raise Permanent(f"{name} is one line of at most {LONGEST} characters")
            info[name] = text
    if "date" in info:
        _check_date(info["date"])
    info |= {name: True for name in FLAGS if name in arguments}
    if (fps := arguments.get("fps")) is not None:
        if not (fps.isascii() and fps.isdecimal() and len(fps) < 10 and 0 < int(fps) < _MOST_FPS):
            raise Permanent(f"fps is a whole number, not {fps[:40]!r}; a slate shows 24 or 25, no fraction")
        info["fps"] = int(fps)
    if not info:
        raise Permanent("nothing says what the slate shows; give --scene, --slate, --take or another")
    return {"type": "slate", **info}


def _check_date(text: str) -> None:
    try:
        right = date.fromisoformat(text).isoformat() == text
    except ValueError:
        right = False
    if not right:
        raise Permanent(f"{text[:40]!r} is no date; write 2026-11-22")
