"""How a picture lies over its sound: exactly, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from rushes.timecode import FLICKS
from rushes_match.export.shot import Shot, Sync, turn_of, wrapped
from rushes_match.items import DAY_FLICKS, Offset, Pair

#: Frames are told at this rate where a picture has none (as `sync` tells them).
_USUAL = Fraction(25)
#: A rounded offset and a rounded overlap are off by so many frames together.
_TOLERANCE = 2
#: Kinds of parts that run with their lead or go on after it; others are copies, or single pictures.
PLAYED = frozenset({"", "track", "chapter"})
#: A chapter whose timecode begins farther from the end of the one before does not count on.
_CONTIGUOUS = FLICKS


def syncs(shots: Sequence[Shot], bonds: Iterable[Pair], learned: Sequence[Offset]) -> tuple[Sync, ...]:
    """Every file of a picture with every file of its matched sound that lies under it.

    A pair that no clock explains (matched by its names, by a wall clock, by a person) has none. `learned` are the
    offsets that clocks were found to have, more exact than the whole frames that evidence tells.
    """
    begins = beginnings(shots)
    files: dict[str, list[Shot]] = defaultdict(list)
    for shot in sorted(shots, key=lambda shot: bool(shot.part)):  # the lead first
        if shot.part in PLAYED:
            files[shot.lead or shot.id].append(shot)
    by_id = {shot.id: shot for shot in shots}
    found = []
    for bond in bonds:
        if bond.state != "matched" or bond.picture not in by_id or bond.sound not in by_id:
            continue
        picture, sound = by_id[bond.picture], by_id[bond.sound]
        shift = _shift(bond, picture, sound, learned)
        if shift is None:
            continue
        delta = _tallying(
            bond, begins[picture.id] - shift - begins[sound.id], files[picture.id], files[sound.id]
        )
        if delta is None:
            continue
        about = bond.evidence.get("offset_from") == "learned"
        for one in files[picture.id]:
            for other in files[sound.id]:
                later = _after(begins, one, picture) - _after(begins, other, sound)
                if _overlap(delta + later, one.length, other.length) > 0:
                    sync = Sync(
                        picture=one.id, sound=other.id, delta=delta + later, score=bond.score, about=about
                    )
                    found.append(sync)
    return tuple(sorted(found, key=lambda sync: (sync.picture, -sync.score, sync.sound)))


def beginnings(shots: Sequence[Shot]) -> dict[str, int]:
    """When each file begins by the clock of its device, in flicks since midnight; who has no timecode is left out.

    Chapters of one recording follow each other, whatever their timecode says.
    """
    found = {shot.id: shot.starts for shot in shots if shot.starts is not None}
    by_id = {shot.id: shot for shot in shots}
    chapters: dict[str, list[Shot]] = defaultdict(list)
    for shot in shots:
        if shot.part == "chapter" and shot.lead in by_id:
            chapters[shot.lead].append(shot)
        elif shot.part == "track" and shot.id not in found and shot.lead in found:
            found[shot.id] = found[shot.lead]
    for lead, mine in chapters.items():
        before = by_id[lead]
        for shot in sorted(
            mine, key=lambda shot: (shot.starts is None, _after(found, shot, by_id[lead]), shot.path)
        ):
            if before.id in found and before.length is not None:
                end = found[before.id] + before.length
                if shot.starts is None or abs(wrapped(shot.starts - end)) > _CONTIGUOUS:
                    found[shot.id] = end
            before = shot
    return found


def _after(begins: Mapping[str, int], shot: Shot, lead: Shot) -> int:
    """How long after its lead a file begins, over midnight too."""
    if shot.id not in begins or lead.id not in begins:
        return 0
    return wrapped(begins[shot.id] - begins[lead.id], turn_of(lead.counts))


def _shift(bond: Pair, picture: Shot, sound: Shot, learned: Sequence[Offset]) -> int | None:
    """Flicks by which the picture's clock is ahead of the sound's; None where no clock was compared."""
    told, origin = bond.evidence.get("offset_frames"), bond.evidence.get("offset_from")
    if not isinstance(told, int) or picture.starts is None or sound.starts is None:
        return None
    pace = picture.counts.exact if picture.counts else _USUAL
    frame = FLICKS / pace
    rounded = round(told * frame)
    exact = [
        (one.picture != picture.stream, one.sound != sound.stream, abs(wrapped(value - rounded)), value)
        for one in learned
        if one.origin == origin and abs(wrapped((value := _value(one, picture.starts)) - rounded)) <= frame
    ]
    return min(exact)[-1] if exact else rounded


def _value(offset: Offset, starts: int) -> int:
    return offset.flicks + round(offset.drift * wrapped(starts - offset.at))


def _tallying(bond: Pair, apart: int, pictures: Sequence[Shot], sounds: Sequence[Shot]) -> int | None:
    """By how much the picture begins later, over midnight too; None where the two do not lie as the evidence says,
    because it was not timecode that counted.
    """
    told = bond.evidence.get("overlap_frames")
    picture, sound = pictures[0], sounds[0]
    lengths = [_whole(pictures), _whole(sounds)]
    if not isinstance(told, int) or None in lengths:
        return None
    pace = picture.counts.exact if picture.counts else _USUAL
    turns = (DAY_FLICKS, turn_of(picture.counts), turn_of(sound.counts))
    near = min(
        (wrapped(apart, turn) for turn in turns),
        key=lambda delta: abs(_overlap(delta, *lengths) * pace / FLICKS - told),
    )
    overlap = _overlap(near, *lengths)
    return near if overlap > 0 and abs(overlap * pace / FLICKS - told) <= _TOLERANCE else None


def _whole(files: Sequence[Shot]) -> int | None:
    """The length of a recording with its chapters."""
    lengths = [shot.length for shot in files if shot.part != "track"]
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(lengths) else None


def _overlap(delta: int, picture: int | None, sound: int | None) -> int:
    """How long both run, in flicks."""
    if picture is None or sound is None:
        return 0
    return min(picture, sound - delta) - max(0, -delta)
