"""How the names of a picture and a sound agree: scene, slate and take in their many spellings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log

from rushes_match.items import Item
from rushes_match.names import scene_key, take_key

_JUNK = re.compile(r"[^0-9A-Z]+")
_WILD = re.compile(
    r"(?:^|[^A-Z])(?:WILD|WILDTRACK|WT|WLD|AMB|AMBI|AMBIENCE|ATMO|ATMOS|ROOMTONE|RT)(?:[^A-Z]|$)"
)
_MISSING, _SAME, _DIFFERS = "missing", "same", "differs"


@lru_cache(maxsize=65536)
def wild(name: str) -> bool:
    """Whether a scene, take or file name says that no picture was shot."""
    return bool(_WILD.search(name.upper().replace("_", " ")))


@dataclass(frozen=True, slots=True)
class Label:
    """What one item says of itself, in normal spellings."""

    scene: str
    slate: str
    take: str
    stem: str
    wild: bool

    @property
    def key(self) -> tuple[str, str] | None:
        """Scene or slate with take, where it tells both."""
        where = self.scene or self.slate
        return (where, self.take) if where and self.take and not self.wild else None


def label(item: Item) -> Label:
    """The names of an item; a pickup is another take than the one it belongs to."""
    take, pickup = take_key(item.take)
    return Label(
        scene_key(item.scene),
        scene_key(item.slate),
        f"{take}+" if pickup else take,
        _JUNK.sub("", item.name.upper()),
        item.side == "sound" and (wild(item.scene) or wild(item.take) or wild(item.name)),
    )


def said(ours: str, theirs: str) -> str:
    """Whether they are the "same", or "differs", or "missing" where one of them says nothing."""
    return _MISSING if not ours or not theirs else _SAME if ours == theirs else _DIFFERS


def place(picture: Label, sound: Label) -> str:
    """How scene and slate agree as a whole. A slate may be written in the scene's field, and the reverse."""
    slate, scene = said(picture.slate, sound.slate), said(picture.scene, sound.scene)
    if _DIFFERS in (slate, scene):
        return _DIFFERS
    if _SAME in (slate, scene):
        return _SAME
    ours, theirs = picture.slate or picture.scene, sound.slate or sound.scene
    return _SAME if ours and ours == theirs else _MISSING


class Weigher:
    """Log likelihoods of names: an agreement is worth more the rarer it is among the sounds."""

    def __init__(self, sounds: Iterable[Label]) -> None:
        known = list(sounds)
        self._many = max(len(known), 2)
        self._keys = Counter(sound.key for sound in known)
        self._places = Counter(sound.scene or sound.slate for sound in known)

    def weigh(self, picture: Label, sound: Label) -> float:
        """About -3 (contradicts) to 5 (a rare name agrees)."""
        if picture.stem and picture.stem == sound.stem:
            return 5.0
        where, take = place(picture, sound), said(picture.take, sound.take)
        if where == _MISSING:
            value = 0.0 if take == _MISSING else 0.8 if take == _SAME else -1.2
        elif where == _DIFFERS:
            value = -2.0 if take != _DIFFERS else -2.6
        elif take == _SAME:
            value = min(5.0, log(0.9 * self._many / self._keys[sound.key]) if sound.key else 1.0)
        else:
            rare = min(2.0, 0.5 * log(0.9 * self._many / max(1, self._places[sound.scene or sound.slate])))
            value = rare if take == _MISSING else -1.0
        return value - 1.5 if sound.wild else value
