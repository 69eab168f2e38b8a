"""What is found as pairs with evidence that people read, and what people said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rushes import LinkState
from rushes.timecode import FLICKS
from rushes_match.items import DAY_FLICKS, Decision, Item, Pair
from rushes_match.sync.loose import Guessed
from rushes_match.sync.names import Label, label, place, said
from rushes_match.sync.pairs import SURE, Candidate

#: Candidates below this are none; what lies between this and `SURE` a person decides.
_LOST = 0.3
#: Frames are told at this rate where a picture has none.
_USUAL = Fraction(25)


def by_clock(each: Candidate) -> Pair:
    """The pair of a candidate that clocks brought together."""
    state: LinkState = "matched" if each.score >= SURE else "ambiguous" if each.score >= _LOST else "lost"
    if each.tied and state == "matched":
        state = "ambiguous"
    rate = pace(each.picture.item)
    days = round(each.flicks / DAY_FLICKS)
    evidence: dict[str, Any] = {
        "overlap_frames": max(0, each.overlap) * rate.numerator // (rate.denominator * FLICKS),
        "overlap_share": round(each.share, 3),
        "offset_frames": _frames(each.flicks - days * DAY_FLICKS, rate),
        "offset_from": each.origin,
        "drift_ppm": round(each.drift * 1e6, 1),
        "clock": round(each.clock, 3),
        **_names(each.picture.item, each.sound.item, each.picture.names, each.sound.names),
    }
    if days:
        evidence["offset_days"] = days
    if state != "matched":
        unsure = "the clocks' offset is not sure" if each.clock < 0.9 else "overlap and names leave doubt"
        evidence["why"] = each.why or unsure
    return Pair(
        picture=each.picture.item.id,
        sound=each.sound.item.id,
        state=state,
        score=round(each.score, 4),
        evidence=evidence,
    )


def by_name(each: Guessed) -> Pair:
    """The pair of a guess that no clock helped with."""
    evidence: dict[str, Any] = {
        "offset_from": each.origin,
        **_names(each.picture, each.sound, label(each.picture), label(each.sound)),
    }
    if each.why:
        evidence["why"] = each.why
    state: LinkState = "matched" if each.sure else "ambiguous"
    return Pair(
        picture=each.picture.id, sound=each.sound.id, state=state, score=each.score, evidence=evidence
    )


def pace(item: Item) -> Fraction:
    """Frames a second that this item's offsets are told in."""
    return _USUAL if item.rate is None else item.rate.exact


def decide(
    pairs: dict[tuple[str, str], Pair], decisions: Sequence[Decision], items: Mapping[str, Item]
) -> None:
    """What people said stands over everything, the last word of a pair over the earlier ones.

    Who was given a sound is asked of no other, but for what another recorder recorded at the same time.
    """
    last = {(one.picture, one.sound): one for one in sorted(decisions, key=lambda one: (one.at, one.accept))}
    chosen: defaultdict[str, list[Item]] = defaultdict(list)
    for key, decision in sorted(last.items()):
        picture, sound = (items.get(id_) for id_ in key)
        if picture is None or sound is None or (picture.side, sound.side) != ("picture", "sound"):
            continue
        if decision.accept:
            chosen[picture.id].append(sound)
        evidence = {**(pairs[key].evidence if key in pairs else {}), "by": "person"}
        evidence.pop("why", None)
        pairs[key] = Pair(
            picture=key[0],
            sound=key[1],
            state="matched" if decision.accept else "rejected",
            score=1.0 if decision.accept else 0.0,
            evidence=evidence,
        )
    for key, pair in pairs.items() if chosen else ():
        given = chosen.get(pair.picture, ())
        if given and pair.state == "ambiguous" and not any(_beside(items[pair.sound], one) for one in given):
            why = {**pair.evidence, "why": "a person chose another"}
            pairs[key] = replace(pair, state="lost", evidence=why)


def _beside(one: Item, other: Item) -> bool:
    """Whether two recorders ran at the same time, by their own clocks."""
    if one.stream == other.stream or one.start is None or other.start is None:
        return False
    return one.start < other.start + (other.length or 0) and other.start < one.start + (one.length or 0)


def _frames(flicks: int, rate: Fraction) -> int:
    """The nearest whole number of frames."""
    frame = rate.denominator * FLICKS
    return (flicks * rate.numerator + frame // 2) // frame


def _names(picture: Item, sound: Item, ours: Label, theirs: Label) -> dict[str, Any]:
    told: dict[str, Any] = {
        "scene": said(ours.scene, theirs.scene),
        "slate": said(ours.slate, theirs.slate),
        "take": said(ours.take, theirs.take),
        "names": place(ours, theirs),
    }
    if picture.wall is not None and sound.wall is not None:
        told["wall_seconds"] = round(picture.wall - sound.wall, 1)
    return told
