"""Timelines of a day: what lies on which track, in whole frames and samples. Pure.

Everything lies at the time of day at which it was recorded, by the clock of the recorder that most pictures found
their sound on: cameras whose clocks are off come to lie over each other, and the timecode of the sequence is that of
the sound. A picture begins at the nearest frame, its sound at the nearest sample of that; each is counted from the
beginning, so that no rounding adds to another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rushes.timecode import FLICKS, Rate
from rushes_match.export.clocks import Clocks, clocks
from rushes_match.export.shot import Day, Shot, nearest
from rushes_match.export.syncing import PLAYED

_USUAL = Rate.parse("25")
#: What tells no time lies behind everything else, so far apart.
_APART_S = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A file on a track: `at` from the beginning of the timeline, `source` from its own midnight (from its beginning,
    where it has no timecode), both with `length` in units of the track.
    """

    shot: Shot
    at: int
    source: int
    length: int


@dataclass(frozen=True, slots=True)
class Track:
    """`pace` is frames or samples a second; items do not overlap and are in order. `loose` sound has no picture."""

    name: str
    picture: bool
    pace: Fraction
    items: tuple[Placed, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """`start` is in frames of `rate` since midnight; pictures come first, then synced sound, then loose sound."""

    rate: Rate
    start: int
    tracks: tuple[Track, ...]


def timelines(day: Day) -> tuple[Timeline, ...]:
    """One for each rate of pictures, that of most first: it has the loose sound. Sound under pictures of two rates is
    in both. Files that do not tell how long they are, and copies of a recording, are in none.
    """
    known = clocks(day)
    played = [shot for shot in day.shots if shot.part in PLAYED and shot.length]
    groups: dict[Fraction, list[Shot]] = defaultdict(list)
    for shot in played:
        if shot.rate is not None and shot.frames:
            groups[shot.rate.exact].append(shot)
    synced = {sync.sound for syncs in known.syncs.values() for sync in syncs}
    loose = [shot for shot in played if not shot.picture and shot.id not in synced]
    sounds = {shot.id: shot for shot in played if not shot.picture}
    if not groups and loose:
        rates = Counter(shot.counts for shot in loose if shot.counts)
        rate = rates.most_common(1)[0][0] if rates else _USUAL
        return (_timeline(rate, [], loose, known, sounds),)
    found: list[Timeline] = []
    for exact, pictures in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        shown = Counter(shot.counts for shot in pictures if shot.counts and shot.counts.exact == exact)
        rate = shown.most_common(1)[0][0] if shown else Rate.parse(exact)
        found.append(_timeline(rate, pictures, [] if found else loose, known, sounds))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A stretch of a file in flicks: where it lies, and how far into the file it begins."""

    shot: Shot
    begins: int
    ends: int
    within: int


def _timeline(
    rate: Rate, pictures: Sequence[Shot], loose: Sequence[Shot], known: Clocks, sounds: Mapping[str, Shot]
) -> Timeline:
    frame = int(FLICKS / rate.exact)
    seen = [
        _Laid(shot, begin, begin + (shot.frames or 0) * frame, 0)
        for shot in pictures
        if shot.id in known.at
        for begin in [nearest(known.at[shot.id], rate.exact) * frame]
    ]
    heard = _heard(seen, sounds, known)
    alone = [
        _Laid(shot, known.at[shot.id], known.at[shot.id] + (shot.length or 0), 0)
        for shot in loose
        if shot.id in known.at
    ]
    second = _APART_S * rate.nominal * frame
    end = max((laid.ends for laid in (*seen, *heard, *alone)), default=0)
    for shot in (*pictures, *loose):
        if shot.id not in known.at:
            begin = -(-end // second) * second
            end = begin + ((shot.frames or 0) * frame if shot.picture else shot.length or 0) + second
            (seen if shot.picture else alone).append(_Laid(shot, begin, end - second, 0))
    origin = min((laid.begins for laid in (*seen, *heard, *alone)), default=0) // frame * frame
    tracks = [
        *_tracks(seen, origin, picture=True),
        *_tracks(heard, origin),
        *_tracks(alone, origin, loose=True),
    ]
    return Timeline(rate, origin // frame % rate.frames_per_day, tuple(tracks))


def _heard(seen: Iterable[_Laid], sounds: Mapping[str, Shot], known: Clocks) -> list[_Laid]:
    """The sound under pictures. Where several cameras saw a stretch of it, it lies as its first camera says, unless
    another says something else by more than half a frame: then it is there twice.
    """
    heads: dict[str, list[tuple[int, list[tuple[int, int]]]]] = defaultdict(list)
    for laid in sorted(seen, key=lambda laid: (laid.shot.stream, laid.begins, laid.shot.id)):
        rate = laid.shot.rate
        half = FLICKS // (2 * rate.exact) if rate else 0
        for sync in known.syncs.get(laid.shot.id, ()):
            sound = sounds.get(sync.sound)
            if sound is None:
                continue
            head = laid.begins - sync.delta
            stretch = (max(laid.begins, head), min(laid.ends, head + (sound.length or 0)))
            if stretch[0] >= stretch[1]:
                continue
            for other, stretches in heads[sound.id]:
                if abs(other - head) <= half:
                    stretches.append((max(stretch[0], other), min(stretch[1], other + (sound.length or 0))))
                    break
            else:
                heads[sound.id].append((head, [stretch]))
    return [
        _Laid(sounds[id_], begin, end, begin - head)
        for id_, mine in heads.items()
        for head, stretches in mine
        for begin, end in _joined(stretches)
    ]


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begin, end in sorted(stretches):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif begin < end:
            found.append((begin, end))
    return found


def _tracks(laid: Iterable[_Laid], origin: int, *, picture: bool = False, loose: bool = False) -> list[Track]:
    """A track for each device, another one where it was at two things at once; all items of one have one pace."""
    devices: dict[tuple[str, Fraction], list[Placed]] = defaultdict(list)
    for each in laid:
        shot = each.shot
        pace = shot.rate.exact if picture and shot.rate else Fraction(shot.clock)
        at = nearest(each.begins - origin, pace)
        source = nearest((shot.starts or 0) + each.within, pace)
        most = nearest((shot.starts or 0) + (shot.length or 0), pace) - source
        length = min(nearest(each.ends - origin, pace) - at, most)
        if length > 0:
            devices[shot.stream, pace].append(Placed(shot, at, source, length))
    named = [(_name(stream, placed), stream, pace) for (stream, pace), placed in devices.items()]
    tracks = []
    for name, stream, pace in sorted(named):
        for number, items in enumerate(_lanes(devices[stream, pace]), 1):
            called = f"{name} {number}" if number > 1 else name
            tracks.append(
                Track(f"{called} (no picture)" if loose else called, picture, pace, tuple(items), loose)
            )
    return tracks


def _name(stream: str, placed: Sequence[Placed]) -> str:
    """What people call the device."""
    for key in ("camera", "recorder", "model"):
        names = Counter(each.shot.text(key) for each in placed if each.shot.text(key))
        if names:
            return names.most_common(1)[0][0]
    return stream


def _lanes(placed: Sequence[Placed]) -> list[list[Placed]]:
    lanes: list[list[Placed]] = []
    for each in sorted(placed, key=lambda each: (each.at, each.shot.path, each.shot.id)):
        for lane in lanes:
            if lane[-1].at + lane[-1].length <= each.at:
                lane.append(each)
                break
        else:
            lanes.append([each])
    return lanes
