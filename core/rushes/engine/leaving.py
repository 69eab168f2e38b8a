"""Clips that lose, by other rules, a job that has not begun and with it the only one to a sink: told in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes.words import count


def leaving_words(told: Mapping[str, Any]) -> str:
    """`a.mov on A001 and 2 more clips lost their only job to nas` of a document by `find_leaving` with any."""
    first, more = told["left"][0], told["leaving"] - 1
    sinks = ", ".join(first["sinks"])
    name = f"{first['name']} on {first['card']}"
    if not more:
        return f"{name} lost its only job to {sinks}"
    several = any(each["sinks"] != first["sinks"] for each in told["left"])
    return f"{name} and {count(more, 'more clip')} lost their only job to {'a sink' if several else sinks}"


def leaving_remedy(told: Mapping[str, Any]) -> str:
    """The command line by which the first of them is sent all the same."""
    first = told["left"][0]
    return f"to send one all the same: pipeline queue FILE add {first['clip']} --to {first['sinks'][0]}"
