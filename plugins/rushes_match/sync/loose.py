"""Pictures and sounds that no clock brought together: by names that are theirs alone, and by their place in a roll."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rushes.timecode import FLICKS
from rushes_match.items import Item
from rushes_match.sync.names import Label, place

_SURE, _PERHAPS = 0.86, 0.45


@dataclass(frozen=True, slots=True)
class Loose:
    """An item and where it may have been, in seconds of its stream's timeline; None where nobody knows."""

    item: Item
    names: Label
    a: float | None
    #: Whether its clock is known to be right on this sound stream.
    trusted: bool


@dataclass(frozen=True, slots=True)
class Guessed:
    """A pair found without a clock."""

    picture: Item
    sound: Item
    score: float
    sure: bool
    why: str
    origin: str = "names"


def by_names(
    pictures: Sequence[Loose], sounds: Sequence[Loose], taken: Collection[tuple[str, str]]
) -> list[Guessed]:
    """Pairs of one scene (or slate) and take. `taken` names sounds that a camera has its picture of already.

    Both clocks trusted and apart means that the names are wrong, not the clocks.
    """
    index: defaultdict[tuple[str, str], list[Loose]] = defaultdict(list)
    stems: defaultdict[str, list[Loose]] = defaultdict(list)
    for sound in sounds:
        for key in _keys(sound.names):
            index[key].append(sound)
        if sound.names.stem:
            stems[sound.names.stem].append(sound)
    found: list[tuple[Loose, list[Loose]]] = []
    claims: defaultdict[tuple[str, str], int] = defaultdict(int)
    for picture in pictures:
        if picture.item.mos:
            continue
        named = {
            sound.item.id: sound
            for key in _keys(picture.names)
            for sound in index.get(key, ())
            if place(picture.names, sound.names) == "same"
        }
        named |= {sound.item.id: sound for sound in stems.get(picture.names.stem, ())}
        fits = [
            sound
            for _, sound in sorted(named.items())
            if (sound.item.id, device(picture.item)) not in taken and _possible(picture, sound)
        ]
        if fits:
            found.append((picture, fits))
            for sound in fits:
                claims[sound.item.id, device(picture.item)] += 1
    pairs = []
    for picture, fits in found:
        lone = len(fits) == 1 and claims[fits[0].item.id, device(picture.item)] == 1
        like = len(fits) == 1 and _alike(picture.item, fits[0].item)
        for sound in fits[:5]:
            sure = lone and like
            why = "" if sure else "several have these names" if not lone else "lengths differ much"
            pairs.append(Guessed(picture.item, sound.item, _SURE if sure else _PERHAPS, sure, why))
    return pairs


def _keys(names: Label) -> set[tuple[str, str]]:
    """Under which names an item may be found."""
    return {(where, names.take) for where in (names.scene, names.slate) if names.key is not None and where}


def device(item: Item) -> str:
    """The camera as far as it is known."""
    return item.camera or item.stream


def _possible(picture: Loose, sound: Loose) -> bool:
    if picture.a is not None and sound.a is not None:
        if picture.trusted and sound.trusted:
            return False
        if picture.item.wall is not None and sound.item.wall is not None:
            return abs(picture.a - sound.a) < 20 * 3600.0
    return True


def _alike(picture: Item, sound: Item) -> bool:
    if not picture.length or not sound.length:
        return True
    ours, theirs = picture.length / FLICKS, sound.length / FLICKS
    return abs(ours - theirs) < max(45.0, 0.5 * max(ours, theirs))
