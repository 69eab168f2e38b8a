"""One clock for a whole day: when each recording began by the recorder that counts."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rushes_match.export.shot import Day, Shot, Sync, turn_of, wrapped
from rushes_match.export.syncing import beginnings
from rushes_match.items import DAY_FLICKS

#: So many of the longest pauses may be the night.
_PAUSES = 24


@dataclass(frozen=True, slots=True)
class Clocks:
    """`at` is in flicks from the midnight before the first recording of the day; who has no timecode is not in it.

    `syncs` are by picture, the sound of the best recorder first.
    """

    at: Mapping[str, int]
    syncs: Mapping[str, tuple[Sync, ...]]


def clocks(day: Day) -> Clocks:
    """The recorder that most pictures are in sync with counts. A picture without sound stands to it as the nearest
    one of its camera does, another recorder's sound as its nearest sound in sync.
    """
    shots = {shot.id: shot for shot in day.shots}
    begins = beginnings(day.shots)
    turn = _turn(day, shots)
    votes = Counter(shots[sync.sound].stream for sync in day.syncs)
    order = {
        stream: rank
        for rank, (stream, _) in enumerate(sorted(votes.items(), key=lambda one: (-one[1], one[0])))
    }
    by_picture: dict[str, list[Sync]] = defaultdict(list)
    for sync in sorted(
        day.syncs, key=lambda sync: (order[shots[sync.sound].stream], -sync.score, sync.sound)
    ):
        by_picture[sync.picture].append(sync)
    own = {
        id_: wrapped(begins[id_] - begins[syncs[0].sound] - syncs[0].delta, turn)
        for id_, syncs in by_picture.items()
    }
    pictures = [shot for shot in day.shots if shot.picture]
    ahead = {id_: by for id_, by in own.items() if order[shots[by_picture[id_][0].sound].stream] == 0}
    _spread(ahead, pictures, begins)
    ahead = {**own, **ahead}  # cameras that only met other recorders
    _spread(ahead, pictures, begins)
    for id_, syncs in sorted(by_picture.items()):
        for sync in syncs:
            if order[shots[sync.sound].stream]:
                late = begins[sync.sound] + sync.delta - begins[id_] + ahead[id_]
                ahead.setdefault(sync.sound, wrapped(late, turn))
    _spread(ahead, [shot for shot in day.shots if not shot.picture and order.get(shot.stream)], begins)
    at = {id_: (begin - ahead.get(id_, 0)) % turn for id_, begin in begins.items()}
    return Clocks(_unrolled(at, shots, turn), {id_: tuple(syncs) for id_, syncs in by_picture.items()})


def _turn(day: Day, shots: Mapping[str, Shot]) -> int:
    """How long the labels of the clock that counts take from midnight to midnight."""
    heard = [shots[sync.sound] for sync in day.syncs] or list(day.shots)
    turns = Counter(turn_of(shot.counts) for shot in heard if shot.starts is not None)
    return max(turns, key=lambda turn: (turns[turn], -turn), default=DAY_FLICKS)


def _spread(ahead: dict[str, int], shots: Sequence[Shot], begins: Mapping[str, int]) -> None:
    """Give each that is not in `ahead` what the nearest one in time of its device has."""
    known: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for shot in shots:
        if shot.id in ahead:
            known[shot.stream].append((begins[shot.id], shot.id))
    for mine in known.values():
        mine.sort()
    ahead |= {
        shot.id: ahead[_nearest(known[shot.stream], begins[shot.id])]
        for shot in shots
        if shot.id in begins and shot.id not in ahead and shot.stream in known
    }


def _nearest(known: Sequence[tuple[int, str]], begin: int) -> str:
    """The one that begins nearest, over midnight too."""
    at = bisect_left(known, (begin, ""))
    around = {known[at - 1], known[at % len(known)]}
    return min((abs(wrapped(other - begin)), id_) for other, id_ in around)[1]


def _unrolled(at: Mapping[str, int], shots: Mapping[str, Shot], turn: int) -> dict[str, int]:
    """Over midnight: the day begins behind that pause of the clock which makes most neighbours of a device, by its wall
    clock, follow each other; behind the longest of such.
    """
    times = sorted(set(at.values()))
    if len(times) < 2:
        return dict(at)
    streams: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for id_, time in at.items():
        streams[shots[id_].stream].append((shots[id_].wall, time))
    pairs = [
        (one, other)
        for mine in streams.values()
        for (_, one), (_, other) in pairwise(sorted(mine))
        if one != other
    ]
    pauses = [
        ((later - earlier) % turn, later % turn) for earlier, later in pairwise([*times, times[0] + turn])
    ]

    def follow(pause: tuple[int, int]) -> tuple[int, int]:
        first = pause[1]
        return sum((one - first) % turn < (other - first) % turn for one, other in pairs), pause[0]

    first = max(sorted(pauses, reverse=True)[:_PAUSES], key=follow)[1]
    return {id_: time if time >= first else time + turn for id_, time in at.items()}
