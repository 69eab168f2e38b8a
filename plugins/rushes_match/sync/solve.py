"""The whole: units, shifts, pairs, what is left by name, and what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from rushes.timecode import FLICKS
from rushes_match.items import Decision, Item, Offset, Pair, Solution
from rushes_match.sync.couples import Couple, bear, remainders
from rushes_match.sync.focus import near
from rushes_match.sync.loose import Guessed, Loose, by_names, device
from rushes_match.sync.lore import Lore
from rushes_match.sync.names import label
from rushes_match.sync.pairs import candidates
from rushes_match.sync.path import Bearing
from rushes_match.sync.score import Listener
from rushes_match.sync.tell import by_clock, by_name, decide
from rushes_match.sync.unit import Spot, Unit
from rushes_match.sync.unroll import unroll

#: A picture whose clock is this sure is not paired by name against it.
_TRUSTED = 0.9


def solve(
    items: Sequence[Item],
    *,
    decisions: Sequence[Decision] = (),
    hand: Mapping[str, int] = {},
    margin: float = 0.1,
    focus: Collection[str] | None = None,
    learned: Sequence[Offset] = (),
) -> Solution:
    """All pairs of pictures with sounds, and the offsets between their clocks. Same items, same answer, in any order.

    `hand` holds frames by which a stream, camera or roll is ahead of the set; it beats everything that is learned.
    `focus` limits the answer to pairs that touch these ids and takes offsets from `learned` where there are any.
    """
    known = {item.id: item for item in items}
    units, lost = unroll(known.values())
    pictures = [unit for unit in units if unit.side == "picture"]
    listeners = [Listener(unit) for unit in units if unit.side == "sound"]
    wanted = None if focus is None else frozenset(focus)
    good: set[str] = set()
    lore = Lore()
    if wanted is None:
        couples = [couple for one in pictures for two in listeners if not (couple := Couple(one, two)).apart]
        offsets = bear(couples, good, lore, hand)
        rest = remainders(pictures, listeners, good, lore)
        offsets += bear(rest, good, lore, hand)
        couples += rest
    else:
        couples, fresh = near(pictures, listeners, () if hand else learned, wanted)
        offsets = bear(fresh, good, lore, hand)
        couples += fresh
    pairs: dict[tuple[str, str], Pair] = {}
    for couple in couples:
        for bearing in couple.bearings:
            if wanted is not None and not _touches(bearing, couple, wanted):
                continue
            for each in candidates(couple.pictures, couple.listener, bearing, margin):
                pair = by_clock(each)
                key = (pair.picture, pair.sound)
                if key not in pairs or pairs[key].score < pair.score:
                    pairs[key] = pair
    for guessed in _left(couples, lost, units, pairs, wanted):
        pair = by_name(guessed)
        old = pairs.get((pair.picture, pair.sound))
        if old is None or old.state == "lost" or (old.state == "ambiguous" and pair.state == "matched"):
            pairs[pair.picture, pair.sound] = pair
    decide(pairs, decisions, known)
    chosen = [
        pair for pair in pairs.values() if wanted is None or pair.picture in wanted or pair.sound in wanted
    ]
    chosen.sort(key=lambda pair: (-pair.score, pair.picture, pair.sound))
    return Solution(pairs=chosen, offsets=offsets)


def _touches(bearing: Bearing, couple: Couple, wanted: Collection[str]) -> bool:
    if bearing.picture.item.id in wanted:
        return True
    shift = bearing.flicks / FLICKS
    picture = bearing.picture
    around = couple.sounds.near(picture.a - shift - 1.0, picture.b - shift + 1.0)
    return any(sound.item.id in wanted for sound in around)


def _left(
    couples: Sequence[Couple],
    lost: Sequence[Item],
    units: Sequence[Unit],
    pairs: Mapping[tuple[str, str], Pair],
    wanted: Collection[str] | None,
) -> list[Guessed]:
    """Pairs by name of what no clock explained, recorder by recorder."""
    spots: dict[str, Spot] = {spot.item.id: spot for unit in units for spot in unit.spots}
    items = {key: spot.item for key, spot in spots.items()} | {item.id: item for item in lost}
    taken: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    paired: defaultdict[str, set[str]] = defaultdict(set)
    for (picture, sound), pair in pairs.items():
        if pair.state == "matched":
            stream = items[sound].stream
            taken[stream].add((sound, device(items[picture])))
            paired[stream].add(picture)
    trust: defaultdict[tuple[str, str], float] = defaultdict(float)
    for couple in couples:
        for bearing in couple.bearings:
            at = (bearing.picture.item.id, couple.sounds.stream)
            trust[at] = max(trust[at], bearing.sure)

    def loose(item: Item, *, trusted: bool) -> Loose:
        spot = spots.get(item.id)
        return Loose(item, spot.names if spot else label(item), spot.a if spot else None, trusted)

    sounds: defaultdict[str, list[Loose]] = defaultdict(list)
    for key, item in sorted(items.items()):
        if item.side == "sound":
            sounds[item.stream].append(loose(item, trusted=key in spots))
    found: list[Guessed] = []
    for stream, heard in sorted(sounds.items()):
        seen = [
            loose(item, trusted=trust[key, stream] > _TRUSTED)
            for key, item in sorted(items.items())
            if item.side == "picture"
            and key not in paired[stream]
            and (wanted is None or key in wanted or key not in spots)
        ]
        found += by_names(seen, heard, taken[stream])
    return found
