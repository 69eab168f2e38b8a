"""A large session after a small change: only what the change touches is solved again."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from rushes_match.items import Pair
from rushes_match.library.problem import Kin, Outcome

T = TypeVar("T")


def patched(
    whole: Outcome, near: Outcome, *, changed: frozenset[str], solved: frozenset[str], home: frozenset[str]
) -> Outcome:
    """`whole` as it is after the clips `changed`.

    `near` is what was found out around them, with all pairs of the clips `solved`; of its clips those of `home` are
    the session's.
    """
    fresh = [
        pair
        for id_ in sorted(solved)
        for pair in near.pairs.get(id_, ())
        if pair.picture in home and id_ == (pair.picture if pair.picture in solved else pair.sound)
    ]
    pairs = dict(whole.pairs)
    stale = solved | whole.partners(solved) | {id_ for pair in fresh for id_ in (pair.picture, pair.sound)}
    for id_ in stale:
        kept = [pair for pair in whole.pairs.get(id_, ()) if not {pair.picture, pair.sound} & solved]
        _put(
            pairs,
            id_,
            tuple(sorted([*kept, *(pair for pair in fresh if id_ in (pair.picture, pair.sound))], key=_best)),
        )
    heard = dict(whole.heard)
    for id_ in solved & home:
        _put(heard, id_, near.heard.get(id_, {}))
    kin = dict(whole.kin)
    for id_ in home:
        if id_ in changed or _names(whole.kin.get(id_), changed) or _names(near.kin.get(id_), changed):
            kin[id_] = near.kin[id_]
    for id_ in changed - home:
        kin.pop(id_, None)
    parts = {**whole.parts, **{lead: near.parts[lead] for lead in home if lead in near.parts}}
    return replace(whole, kin=kin, pairs=pairs, heard=heard, parts=parts, items=(), solved=())


def _best(pair: Pair) -> tuple[float, str, str]:
    return -pair.score, pair.picture, pair.sound


def _put(told: dict[str, T], id_: str, value: T) -> None:
    if value:
        told[id_] = value
    else:
        told.pop(id_, None)


def _names(kin: Kin | None, ids: frozenset[str]) -> bool:
    return kin is not None and (kin.lead in ids or any(link.other in ids for link in kin.links))
