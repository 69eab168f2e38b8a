"""What stands beside a picture in a table: its sound, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from rushes.timecode import FLICKS, Timecode
from rushes_match.export.shot import Day, Shot, Sync
from rushes_match.items import Pair


@dataclass(frozen=True, slots=True)
class Beside:
    """Of one recording: those that it is matched with, those of which a person has to say it, and its syncs."""

    matched: tuple[tuple[Shot, Pair], ...] = ()
    waiting: tuple[Shot, ...] = ()
    syncs: tuple[Sync, ...] = ()

    @property
    def partners(self) -> tuple[Shot, ...]:
        """Those that it is matched with."""
        return tuple(other for other, _ in self.matched)


def beside(day: Day) -> Mapping[str, Beside]:
    """Of each file of the day, the best first; parts have what their lead has."""
    shots = {shot.id: shot for shot in day.shots}
    matched: dict[str, list[tuple[Shot, Pair]]] = defaultdict(list)
    waiting: dict[str, list[Shot]] = defaultdict(list)
    for bond in sorted(day.bonds, key=lambda bond: (-bond.score, bond.picture, bond.sound)):
        for one, other in ((bond.picture, bond.sound), (bond.sound, bond.picture)):
            if other in shots and bond.state == "matched":
                matched[one].append((shots[other], bond))
            elif other in shots and bond.state == "ambiguous":
                waiting[one].append(shots[other])
    synced: dict[str, list[Sync]] = defaultdict(list)
    for sync in sorted(day.syncs, key=lambda sync: (-sync.score, sync.picture, sync.sound)):
        synced[sync.picture].append(sync)
        synced[sync.sound].append(sync)
    found = {}
    for shot in day.shots:
        lead = shot.lead or shot.id
        found[shot.id] = Beside(tuple(matched[lead]), tuple(waiting[lead]), tuple(synced[shot.id]))
    return found


def sound_timecode(picture: Shot, sound: Shot, sync: Sync) -> Timecode | None:
    """The sound's timecode at the picture's first frame, in the picture's counting, to the nearest frame."""
    rate = picture.counts
    if rate is None or sound.starts is None:
        return None
    frame = int(FLICKS / rate.exact)
    return Timecode.from_frames((sound.starts + sync.delta + frame // 2) // frame, rate)
