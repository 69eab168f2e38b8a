"""What a fair judge holds true of a day, and which of it can be known from what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rushes.timecode import FLICKS
from rushes_match.items import Item

from .day_kit import Kit
from .day_takes import Recording

#: Shortest common real time that makes a pair true.
TRUE_S = 1.0
#: Less of both is the end of one file beside the beginning of the next: an editor may want it or not.
SEAM_S, SEAM_SHARE = 5.0, 0.15
#: What a wall clock's grain and learning leave open: below it, wall clocks alone do not tell.
WALL_S = 8.0
#: So many items let an honest reader see how a stream stands to the others.
ENOUGH = 8

Ids = tuple[str, str]


def truth(made: Sequence[tuple[Item, Recording]]) -> tuple[dict[Ids, float], frozenset[Ids]]:
    """The true pairs with their common seconds, and the grey ones."""
    true: dict[Ids, float] = {}
    grey: set[Ids] = set()
    sounds = sorted(
        ((recording, item) for item, recording in made if item.side == "sound"),
        key=lambda pair: pair[0].begins,
    )
    for picture, filmed in made:
        if picture.side != "picture":
            continue
        for recording, item in sounds:
            if recording.begins >= filmed.ends:
                break
            both = min(filmed.ends, recording.ends) - max(filmed.begins, recording.begins)
            if both <= 0:
                continue
            same = filmed.takes & recording.takes
            shorter = min(filmed.ends - filmed.begins, recording.ends - recording.begins)
            if same and both >= TRUE_S and (both >= SEAM_S or both >= SEAM_SHARE * shorter):
                true[picture.id, item.id] = both
            elif same or both < 4:
                grey.add((picture.id, item.id))
    return true, frozenset(grey)


def told_pairs(true: Mapping[Ids, float], items: Sequence[Item], kit: Kit) -> list[Ids]:
    """The true pairs that an honest reader could find: clocks that can be aligned, or names that are unique."""
    by_id = {item.id: item for item in items}
    clocked, walled = Counter[str](), Counter[str]()
    for item in items:
        clocked[item.stream] += item.start is not None
        walled[item.stream] += item.wall is not None
    names = Counter((item.stream, item.scene, item.slate, item.take) for item in items)

    def device(item: Item) -> str:
        return item.stream.split(" ", maxsplit=1)[0]

    def by_timecode(item: Item) -> bool:
        kind = kit.clocks.get(device(item), "tod")
        if item.start is None or kind in {"rec", "none"}:
            return False
        return (kind == "tod" and kit.picture_rate == kit.sound_rate) or clocked[item.stream] >= ENOUGH

    def by_wall(item: Item) -> bool:
        return item.wall is not None and item.length is not None and walled[item.stream] >= ENOUGH

    told = []
    for (one, other), both in true.items():
        picture, sound = by_id[one], by_id[other]
        exact = by_timecode(picture) and by_timecode(sound)
        rough = all(by_timecode(item) or by_wall(item) for item in (picture, sound)) and both >= WALL_S
        spoken = (
            bool(picture.take)
            and all(names[item.stream, item.scene, item.slate, item.take] == 1 for item in (picture, sound))
            and (picture.scene.lower(), picture.slate, picture.take)
            == (sound.scene.lower(), sound.slate, sound.take)
        )
        if None in {picture.length, sound.length}:
            exact = exact and _starts_within(picture, sound)
        if exact or rough or spoken:
            told.append((one, other))
    return told


def _starts_within(picture: Item, sound: Item) -> bool:
    """Whether starts and the lengths that are told show a common second."""
    assert picture.start is not None
    assert sound.start is not None
    first, second = sorted((picture, sound), key=lambda item: item.start or 0)
    return first.length is not None and (first.start or 0) + first.length - (second.start or 0) > 2 * FLICKS
