"""Looks at the clock: whether something keeps it right, and in which zone days begin."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rushes.doctor.finding import Finding, Patient
from rushes.engine.ground import SET_CLOCK

#: What adjtimex(2) returns while nothing disciplines the clock.
TIME_ERROR = 5
#: More than any `struct timex` has.
_TIMEX_BYTES = 512
_SET_ZONE = "set it: sudo timedatectl set-timezone Europe/Berlin, or the one that you are in"


def clock(
    _patient: Patient,
    *,
    kernel: Callable[[], int] | None = None,
    environment: Mapping[str, str] = os.environ,
    localtime: Path = Path("/etc/localtime"),
) -> Sequence[Finding]:
    """Whether the kernel says that the network sets it, and whether a timezone is set."""
    return [_kept(kernel or _adjtimex), _zone(environment, localtime)]


def _kept(kernel: Callable[[], int]) -> Finding:
    try:
        state = kernel()
    except (OSError, AttributeError):
        return Finding(
            "clock", "warning", "nothing here tells whether it is right", "compare it with a phone"
        )
    if state == TIME_ERROR:
        return Finding("clock", "warning", "not set by the network", SET_CLOCK)
    return Finding("clock", "ok", "set by the network")


def _adjtimex() -> int:
    """The state of the kernel's clock; asks only. Raises OSError."""
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)  # `modes` is 0: nothing is set
    state = ctypes.CDLL(None, use_errno=True).adjtimex(asked)
    if state < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    return int(state)


def _zone(environment: Mapping[str, str], localtime: Path) -> Finding:
    """The C library takes UTC, without a word, for a zone that it does not know."""
    name = environment.get("TZ", "").removeprefix(":")
    if "/" in name and not name.startswith("/"):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            return Finding(
                "timezone", "warning", f"TZ is {name}, which is no timezone", "correct it or unset it"
            )
    elif not name and not localtime.exists():
        return Finding("timezone", "warning", "none is set, so days begin at midnight UTC", _SET_ZONE)
    return Finding("timezone", "ok", f"{time.strftime('%Z, UTC%z')}")
