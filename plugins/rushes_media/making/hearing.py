"""Does a proxy sound as its original does, at the same time, each channel in its place? Read from both files.

The first seconds of every channel are reduced to how loud they are, 500 times a second, and laid over each other.
What is silent or steady there proves nothing and is passed over. Runs only in a worker process.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction

import av

from rushes_media.making.material import Material
from rushes_media.recordings.recording import OPTIONS

SECONDS = 4
RATE = 8000
#: Samples of one loudness.
BLOCK = 16
#: How far apart is looked for, in loudnesses: 40 ms to either side.
REACH = 20
#: Of 16 bits: below this mean a channel is silent.
SILENT = 30
#: Two courses of loudness are alike, or one tells its place apart from its neighbours.
ALIKE, APART = 0.8, 0.05

#: How far loudness strays from its mean where it tells something, as a share of that.
VARIED = 0.1

Course = Sequence[float]


def unlike(original: str, before: Material, proxy: str, after: Material, frame: Fraction) -> str:
    """What is heard otherwise, as "channel 2 is silent"; "" when nothing is, or nobody here can decode it.

    `frame` is in seconds. OSError when a file cannot be read.
    """
    try:
        told, made = list(_courses(original, before)), list(_courses(proxy, after))
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        return ""
    for number, course in enumerate(told[: len(made)]):
        if difference := _difference(number, course, made, frame):
            return f"channel {number + 1} is {difference}"
    return ""


def _difference(number: int, course: Course, made: Sequence[Course], frame: Fraction) -> str:
    mine = made[number]
    if _mean(course) < SILENT:
        return ""
    if _mean(mine) < SILENT / 4:
        return "silent"
    if _steady(course):
        return ""
    scores = [_likeness(course, mine, shift) for shift in range(-REACH, REACH + 1)]
    best = max(scores)
    if best <= ALIKE:
        for other, theirs in enumerate(made):
            if other != number and _best(course, theirs) > max(ALIKE, best + APART):
                return f"heard on channel {other + 1}"
        return ""
    apart = Fraction((scores.index(best) - REACH) * BLOCK, RATE)
    if best - min(scores) < APART or abs(apart) <= frame / 2:
        return ""
    return f"{float(apart):+.3f} s from its picture"


def _steady(course: Course) -> bool:
    """Whether it is about as loud all the time: then only chance would tell it from another."""
    mean = _mean(course)
    return sum(abs(each - mean) for each in course) / len(course) < mean * VARIED


def _courses(path: str, material: Material) -> Iterator[Course]:
    """How loud each channel is from the first picture on, in the order of streams and channels."""
    heard = {
        each.index: [array("h", bytes(2 * SECONDS * RATE)) for _ in range(each.channels)]
        for each in material.sounds
    }
    with av.open(path, options=OPTIONS, metadata_errors="replace") as container:
        begins = Fraction(container.start_time or 0, 1_000_000)
        zero = begins + (material.picture.late if material.picture else 0)
        resamplers = {index: av.AudioResampler("s16p", rate=RATE) for index in heard}
        going = set(heard)
        for packet in container.demux([container.streams[index] for index in heard]):
            index = packet.stream.index
            if packet.pts is not None and packet.pts * packet.time_base - zero > 2 * SECONDS:
                break  # a stream that ended early would have the whole file read
            if index not in going:
                continue
            for frame in packet.decode():
                assert isinstance(frame, av.AudioFrame)
                for piece in resamplers[index].resample(frame):
                    if not _put(heard[index], piece, zero):
                        going.discard(index)
            if not going:
                break
    for channels in heard.values():
        for samples in channels:
            yield [
                sum(map(abs, samples[place : place + BLOCK])) / BLOCK
                for place in range(0, len(samples), BLOCK)
            ]


def _put(channels: Sequence[array[int]], piece: av.AudioFrame, zero: Fraction) -> bool:
    """Lay a piece where it belongs in time; False when it is behind the end."""
    if piece.pts is None or piece.time_base is None:
        return False
    place = round((piece.pts * piece.time_base - zero) * RATE)
    for samples, plane in zip(channels, piece.planes, strict=False):
        data = array("h", bytes(plane)[: 2 * piece.samples])
        first, last = max(0, place), min(len(samples), place + len(data))
        if first < last:
            samples[first:last] = data[first - place : last - place]
    return place < SECONDS * RATE


def _best(course: Course, other: Course) -> float:
    return max(_likeness(course, other, shift) for shift in range(-REACH, REACH + 1, 4))


def _likeness(course: Course, other: Course, shift: int) -> float:
    """Correlation of a course with another that is `shift` later, -1 to 1."""
    one = course[REACH : len(course) - REACH]
    two = other[REACH + shift : len(other) - REACH + shift]
    mean_one, mean_two = _mean(one), _mean(two)
    product = sum(a * b for a, b in zip(one, two, strict=True)) - len(one) * mean_one * mean_two
    square_one = sum(a * a for a in one) - len(one) * mean_one**2
    square_two = sum(b * b for b in two) - len(two) * mean_two**2
    return product / (square_one * square_two) ** 0.5 if square_one > 1 and square_two > 1 else 0.0


def _mean(course: Course) -> float:
    return sum(course) / len(course)
