"""A timecode on the command line."""

from __future__ import annotations

import click

from rushes.timecode import Timecode

#: Frames of a second that no rate exceeds: which of them there are is said where the rate is known.
_MOST = 60


def checked(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A callback: what is a timecode at no rate is bad use."""
    if value is not None:
        try:
            Timecode.parse(value.replace(";", ":"), _MOST)
        except ValueError:
            raise click.BadParameter(
                f"'{value}' is not a timecode; write HH:MM:SS:FF, or HH:MM:SS;FF for drop frame"
            ) from None
    return value
