"""Exact timecode: integers and fractions, no I/O.

A timecode is a number of frames since midnight at a rate; its label (01:00:00;02) is only a way to write
that number. Drop frame skips *numbers*, never pictures: at second 0 of every minute not divisible by ten,
the labels 00 and 01 (00 to 03 at a nominal 60) do not exist, so that a clock counting 30 labels for 29.97
frames keeps up with the wall. "30df" and "60df" count in the same way at a true 30 or 60 frames a second,
as in pull-up workflows: their labels then run ahead of the wall by 3.6 s an hour (SMPTE ST 12-1;
MasterLockit enum).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import overload

#: How far a decimal may be from a rate it means: 23.98 is 0.004 off 24000/1001; 24 is 0.024 off it.
TOLERANCE = Fraction(1, 200)

#: A second in flicks: every frame of every rate and every sound sample is a whole number of them.
FLICKS = 705_600_000

#: A duration above this is no recording's.
LONGEST_S = 10**6

_RATE = re.compile(
    r"(?:fps[_ ]?)?(?P<number>\d[\d._/]*?)\s*(?:fps)?[-_ ]?(?P<count>drop|df|ndf|nd|non-?drop)?",
    re.ASCII,
)
_LABEL = re.compile(r"(\d{1,2})([:;])(\d{1,2})\2(\d{1,2})([:;])(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """A counting rate: `exact` pictures a second, `nominal` labels a second, `dropped` labels a minute."""

    name: str
    exact: Fraction
    nominal: int
    dropped: int = 0

    @classmethod
    def parse(cls, value: Rate | str | float | Fraction, *, drop: bool | None = None) -> Rate:
        """The rate that a spelling means; ValueError names an unknown one.

        Accepts our names ("29.97df"), the MasterLockit enum ("FPS_29_97_DROP", "FPS_23_98", "FPS_23_976"),
        ffmpeg's and iXML's ("30000/1001", "23.98", "029.970-DF") and numbers within 0.005 of a rate. `drop`
        overrides what the spelling says about drop frame.
        """
        if isinstance(value, Rate) and drop is None and any(value is rate for rate in RATES):
            return value  # every label of a list of clips comes by here
        return _parsed(value, drop)

    @property
    def frames_per_day(self) -> int:
        """Labels between midnight and midnight."""
        return 86400 * self.nominal - self.dropped * (1440 - 144)

    @property
    def flicks(self) -> int:
        """A picture in flicks, which is a whole number at each rate."""
        return FLICKS * self.exact.denominator // self.exact.numerator

    def __str__(self) -> str:
        return self.name


RATES = (
    Rate("23.976", Fraction(24000, 1001), 24),
    Rate("24", Fraction(24), 24),
    Rate("25", Fraction(25), 25),
    Rate("29.97", Fraction(30000, 1001), 30),
    Rate("29.97df", Fraction(30000, 1001), 30, 2),
    Rate("30", Fraction(30), 30),
    Rate("30df", Fraction(30), 30, 2),
    Rate("47.952", Fraction(48000, 1001), 48),
    Rate("48", Fraction(48), 48),
    Rate("50", Fraction(50), 50),
    Rate("59.94", Fraction(60000, 1001), 60),
    Rate("59.94df", Fraction(60000, 1001), 60, 4),
    Rate("60", Fraction(60), 60),
    Rate("60df", Fraction(60), 60, 4),
)


@dataclass(frozen=True, slots=True, eq=False)
class Timecode:
    """A count of frames since midnight, below `rate.frames_per_day`.

    Equality, order and hash are those of real time since midnight, at any rate: 01:00:00:00 is 3600 s at 25
    and 3603.6 s at 23.976.
    """

    frames: int
    rate: Rate

    def __post_init__(self) -> None:
        if not 0 <= self.frames < self.rate.frames_per_day:
            raise ValueError(
                f"{self.frames} frames at {self.rate}: a day has 0 to {self.rate.frames_per_day - 1}"
            )

    @classmethod
    def parse(cls, label: str, rate: Rate | str | float | Fraction) -> Timecode:
        """The timecode a label means; ValueError says what is wrong with it.

        ":" is accepted everywhere at a drop-frame rate, which is explicit enough; a semicolon before the
        frames claims drop frame and is refused at any other rate. Fields may have one digit.
        """
        rate = Rate.parse(rate)
        match = _LABEL.fullmatch(label.strip())
        if not match:
            raise ValueError(f"{label!r} is not a timecode; write HH:MM:SS:FF, or HH:MM:SS;FF for drop frame")
        hours, minutes, seconds, frames = map(int, match.group(1, 3, 4, 6))
        if not rate.dropped and ";" in match.group(2, 5):
            raise ValueError(f"{label}: a semicolon means drop frame, {rate} does not drop")
        if hours >= 24 or minutes >= 60 or seconds >= 60 or frames >= rate.nominal:
            raise _beyond(label, rate, hours=hours, minutes=minutes, seconds=seconds, frames=frames)
        if seconds == 0 and minutes % 10 and frames < rate.dropped:
            raise ValueError(
                f"{label}: {rate} skips this label; minute {minutes} starts at frame {rate.dropped:02}"
            )
        minute = hours * 60 + minutes
        skipped = rate.dropped * (minute - minute // 10)
        return cls((minute * 60 + seconds) * rate.nominal + frames - skipped, rate)

    @classmethod
    def from_frames(cls, frames: int, rate: Rate | str | float | Fraction) -> Timecode:
        """That many frames after midnight, wrapped at 24 h; a negative count goes back from midnight."""
        rate = Rate.parse(rate)
        return cls(frames % rate.frames_per_day, rate)

    @classmethod
    def from_samples(cls, samples: int, sample_rate: int, rate: Rate | str | float | Fraction) -> Timecode:
        """The frame in which a sound sample since midnight lies: counted at the exact rate, floored."""
        if samples < 0 or sample_rate <= 0:
            raise ValueError(
                f"{samples} samples at {sample_rate} Hz: samples since midnight are never negative"
            )
        rate = Rate.parse(rate)
        return cls.from_frames(samples * rate.exact // sample_rate, rate)

    def to_samples(self, sample_rate: int) -> int:
        """Whole sound samples since midnight, floored.

        Where a frame has no whole number of samples (29.97 at 48 kHz: 1601.6) that sample may still belong to
        the frame before.
        """
        return self.seconds * sample_rate // 1

    @property
    def seconds(self) -> Fraction:
        """Real seconds since midnight."""
        return self.frames / self.rate.exact

    def __add__(self, frames: int) -> Timecode:
        if not isinstance(frames, int):
            return NotImplemented
        return Timecode.from_frames(self.frames + frames, self.rate)

    @overload
    def __sub__(self, other: Timecode) -> int: ...
    @overload
    def __sub__(self, other: int) -> Timecode: ...
    def __sub__(self, other: Timecode | int) -> int | Timecode:
        """An earlier timecode, or the frames from `other` to this one (negative when `other` is later)."""
        if isinstance(other, int):
            return Timecode.from_frames(self.frames - other, self.rate)
        if not isinstance(other, Timecode):
            return NotImplemented
        if self.rate.exact != other.rate.exact:
            raise ValueError(
                f"{self} at {self.rate} - {other} at {other.rate}: frames differ; subtract .seconds"
            )
        return self.frames - other.frames

    def __eq__(self, other: object) -> bool:
        return self.seconds == other.seconds if isinstance(other, Timecode) else NotImplemented

    def __lt__(self, other: Timecode) -> bool:
        return self.seconds < other.seconds if isinstance(other, Timecode) else NotImplemented

    def __le__(self, other: Timecode) -> bool:
        return self.seconds <= other.seconds if isinstance(other, Timecode) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.seconds)

    def __str__(self) -> str:
        labels = self.frames
        if dropped := self.rate.dropped:
            minute = self.rate.nominal * 60 - dropped
            tens, rest = divmod(labels, minute * 10 + dropped)
            # The first minute of ten is whole; each later one is `dropped` labels shorter.
            labels += dropped * (9 * tens + max(0, (rest - dropped) // minute))
        seconds, frames = divmod(labels, self.rate.nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02}:{minutes:02}:{seconds:02}{';' if dropped else ':'}{frames:02}"

    def __repr__(self) -> str:
        return f"Timecode.parse({str(self)!r}, {self.rate.name!r})"


@lru_cache(maxsize=1024)
def _parsed(value: Rate | str | float | Fraction, drop: bool | None) -> Rate:
    """What `Rate.parse` promises; a catalog has a handful of spellings and asks for each of them a million times."""
    if isinstance(value, Rate):
        number, spelled = value.exact, bool(value.dropped)
    elif isinstance(value, str):
        number, spelled = _number(value)
    else:
        try:
            number, spelled = Fraction(value), False
        except (ValueError, OverflowError) as error:  # nan, inf
            raise _unknown(value) from error
    near = min(RATES, key=lambda rate: abs(rate.exact - number))
    if abs(near.exact - number) >= TOLERANCE:
        raise _unknown(value)
    wanted = spelled if drop is None else drop
    for rate in RATES:
        if rate.exact == near.exact and bool(rate.dropped) == wanted:
            return rate
    raise ValueError(f"{value}: {near.name} cannot count drop frame; only 29.97, 30, 59.94 and 60 can")


def _number(spelling: str) -> tuple[Fraction, bool]:
    """The number in a spelling and whether it asks for drop frame."""
    match = _RATE.fullmatch(spelling.strip().lower())
    try:
        if match:
            return Fraction(match["number"].replace("_", ".")), match["count"] in {"drop", "df"}
    except (ValueError, ZeroDivisionError):
        pass
    raise _unknown(spelling)


def _unknown(value: object) -> ValueError:
    return ValueError(f"unknown rate {value!r}; rates are {', '.join(rate.name for rate in RATES)}")


def _beyond(label: str, rate: Rate, **told: int) -> ValueError:
    limits = {"hours": 24, "minutes": 60, "seconds": 60, "frames": rate.nominal}
    name = next(name for name, value in told.items() if value >= limits[name])
    return ValueError(f"{label}: {name} {told[name]} at {rate}; must be 0 to {limits[name] - 1}")


def timespan(told: Mapping[str, object]) -> tuple[int | None, int | None]:
    """Flicks from midnight to the first frame, and to the end of the last: None where `told` does not tell.

    `told` has names of `rushes.columns`. A sample count is more exact than the label that was made of it. The
    end may lie behind the next midnight.
    """
    begins = _begins(told)
    length = lasts(told)
    return begins, None if begins is None or length is None else begins + length


def _begins(told: Mapping[str, object]) -> int | None:
    # Pulled-up sound is stamped at another rate than it is played at (iXML TIMESTAMP_SAMPLE_RATE).
    sample, clock = told.get("start_sample"), told.get("timestamp_rate", told.get("sample_rate"))
    if isinstance(sample, int) and str(clock).isdecimal() and 0 <= sample < 86400 * int(str(clock)):
        return sample * FLICKS // int(str(clock))
    try:
        timecode = Timecode.parse(str(told["timecode"]), str(told["timecode_rate"]))
    except (KeyError, ValueError):
        return None
    return timecode.frames * timecode.rate.flicks


def lasts(told: Mapping[str, object]) -> int | None:
    """The length in flicks, exact where pictures and their rate are told; None where nothing is.

    Where pictures and duration disagree by more than a picture, some are not shown (an edit list): the duration counts.
    """
    seconds = told.get("duration")
    shown = round(seconds * FLICKS) if isinstance(seconds, int | float) and 0 < seconds < LONGEST_S else None
    frames, rate = told.get("frames"), told.get("rate")
    if not (isinstance(frames, int) and frames > 0 and rate) or told.get("variable_rate"):
        return shown
    try:
        frame = Rate.parse(str(rate)).flicks
    except ValueError:  # pictures at no rate that timecode counts at
        return shown
    if frames * frame >= LONGEST_S * FLICKS:
        return shown
    return frames * frame if shown is None or abs(shown - frames * frame) <= frame else shown
