"""`pipeline cards`: whether a card may be formatted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.text import clock, count, printable, size, terminal_width, wrapped
from rushes.cli.view import open_view
from rushes.report.telling import has_words

HEAD = ("CARD", "SEEN", "CLIPS", "SIZE", "DELIVERED")


@click.command()
@file_argument
@json_option
def command(file: str, as_json: bool) -> None:
    """Tell who has all of a card: whether it may be formatted.

    The cards that came last, with what came of them within a day. A night's cards are told whatever day they are of.
    """
    with open_view(file) as view:
        document = view.cards()
    if as_json:
        echo_json(document)
    else:
        echo_lines(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    cards = document["cards"]
    if not cards:
        yield "no card came yet"
        return
    rows = [
        (
            printable(card["card"]),
            clock(card["seen"]),
            str(card["clips"]),
            size(card["bytes"]),
            _delivered(card),
        )
        for card in cards
    ]
    yield from wrapped(HEAD, rows, terminal_width())
    if more := document["total"] - len(cards):
        yield f"and {more} that came before"


def _delivered(card: Mapping[str, Any]) -> str:
    """`all 14:03:27`, `raid has all, cloud 7 of 10; 2 clips go nowhere`."""
    told = [f"all {clock(card['handed_over'])}"] if card["handed_over"] else []
    if card["undelivered"]:
        told.append(
            ", ".join(map(has_words, card["sinks"])) or f"{count(card['undelivered'], 'clip')} not delivered"
        )
    if card["alone"]:
        told.append(f"{count(card['alone'], 'clip')} on the card alone")
    if card["unrouted"]:
        told.append(f"{card['unrouted']} sent nowhere")
    return printable("; ".join(told))
