"""The actions `accept`, `reject` and `forget`: a person says what belongs together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, NotFound, Permanent, Tell
from rushes_match.actions.finding import Meant, find
from rushes_match.items import Decision
from rushes_match.kin import File
from rushes_match.kin.proxies import is_proxy
from rushes_match.library.decisions import TURN, concerning, decide, decisions, forget

if TYPE_CHECKING:
    from rushes_match.annotator import Match
    from rushes_match.options import MatchOptions


async def accept_(
    _options: MatchOptions, context: Context, part: Match | None, arguments: Mapping[str, str], _tell: Tell
) -> Mapping[str, Any]:
    """`clip` and `other` belong together, whatever the evidence."""
    return await _decide(context, part, arguments, accept=True)


async def reject_(
    _options: MatchOptions, context: Context, part: Match | None, arguments: Mapping[str, str], _tell: Tell
) -> Mapping[str, Any]:
    """`clip` and `other` do not belong together."""
    return await _decide(context, part, arguments, accept=False)


async def forget_(
    _options: MatchOptions, context: Context, part: Match | None, arguments: Mapping[str, str], _tell: Tell
) -> Mapping[str, Any]:
    """What was said of `clip` and `other`, or of `clip` and any other, is taken back: the evidence counts again."""
    if arguments.get("other"):
        meant = {found.id for found in await _pair(context, arguments)}
    else:
        meant = {(await find(context, arguments.get("clip", ""))).id}
    async with TURN:
        gone = [told for told in await decisions(context.store) if meant <= {told.picture, told.sound}]
        if not gone:
            raise NotFound(
                f"nobody decided anything of {arguments.get('clip', '')}; see: pipeline match FILE list"
            )
        async with concerning(context, {id_ for told in gone for id_ in (told.picture, told.sound)}):
            await forget(context.store, gone)
            await _heed(part)
    return {"pairs": [{"clip": told.picture, "other": told.sound} for told in gone]}


async def _decide(
    context: Context, part: Match | None, arguments: Mapping[str, str], *, accept: bool
) -> Mapping[str, Any]:
    one, other = await _pair(context, arguments)
    decision = Decision(picture=one.id, sound=other.id, accept=accept, at=time.time())
    async with TURN, concerning(context, {one.id, other.id}):
        await decide(context.store, decision)
        await _heed(part)
        others = await _others(context, one, other) if accept else []
    return {
        "clip": {"id": one.id, "name": one.name, "card": one.card},
        "other": {"id": other.id, "name": other.name, "card": other.card},
        "accept": accept,
        "others": others,
        "pairs": [{"clip": one.id, "other": other.id}],
        "now": part is not None,
    }


async def _others(context: Context, one: Meant, other: Meant) -> list[Mapping[str, str]]:
    """What else of that kind somebody said to belong to it: of two sounds one may be a mistake."""
    told = [each for each in await decisions(context.store) if each.accept and each.picture == one.id]
    found: list[Mapping[str, str]] = []
    for each in told:
        if each.sound != other.id:
            try:
                meant = await find(context, each.sound)
            except NotFound:
                continue  # deleted since
            if meant.kind == other.kind and meant.role == other.role:
                found.append({"id": meant.id, "name": meant.name, "card": meant.card})
    return found


async def _heed(part: Match | None) -> None:
    """It counts from now on; without a run, from when the next one begins."""
    if part is not None:
        await part.decided()


async def _pair(context: Context, arguments: Mapping[str, str]) -> tuple[Meant, Meant]:
    """The picture first, else the proxy, else the clip that a record or another file is about."""
    found = [await find(context, arguments.get(name, "")) for name in ("clip", "other")]
    one, other = sorted(found, key=lambda meant: _ORDER.get(meant.kind, 3))
    if one.id == other.id:
        raise Permanent(f"{one.name} is both of them; name a picture and its sound, or a clip and its record")
    if one.kind in _MEDIA and (other.kind == "record" or other.role == "sidecar"):
        return one, other
    if one.kind in _MEDIA and other.kind in _MEDIA:
        if one.kind != other.kind:
            return one, other
        if pair := await _proxy_first(context, one, other):
            return pair
    raise Permanent(
        f"{one.name} is {one.kind} and {other.name} {other.kind}; a pair is a picture and its sound, a proxy and its "
        f"original, or a clip and its record or sidecar"
    )


async def _proxy_first(context: Context, one: Meant, other: Meant) -> tuple[Meant, Meant] | None:
    """Of two of a kind: by what marks one of them as a proxy, else by what was found; None where nothing tells."""
    if (marked := _is_proxy(one)) != _is_proxy(other):
        return (one, other) if marked else (other, one)
    kinds = await context.catalog.query(_KINDS, [one.id, other.id])
    if not kinds:
        return None
    return (one, other) if kinds[0][0] == "original" else (other, one)


def _is_proxy(meant: Meant) -> bool:
    path, kind = meant.path, meant.kind
    name = path.rpartition("/")[2]
    return is_proxy(File(id=meant.id, filename=name, path=path, card=meant.card, kind=kind, role=meant.role))


_MEDIA = frozenset({"video", "audio"})
_ORDER = {"video": 0, "audio": 1, "record": 2}
_KINDS = """
    SELECT kind FROM links WHERE clip = ? AND other = ? AND kind IN ('original', 'proxy')
    ORDER BY state <> 'matched', score DESC LIMIT 1
"""
