"""Cards: whether one may be formatted."""

from __future__ import annotations

from typing import TypedDict


class CardSink(TypedDict):
    """Of how many clips of a card a sink is to get something, and how many it has all of."""

    sink: str
    clips: int
    delivered: int


class Card(TypedDict):
    """What came of a card in its last day, whatever day it was shot on: from when the first was `seen` to the `last`.

    `undelivered` clips are not yet everywhere where they go, no route takes `unrouted` ones; `handed_over` is when the
    last of all its deliveries was done, null while clips are `undelivered`. Of those that are `alone` no sink has
    anything, and none is about to get it: they failed or were cancelled. `sinks` tell who has what: a card may be
    formatted once the backups have all of it, whatever else is on its way.
    """

    card: str
    volume: str
    clips: int
    bytes: int
    seen: float
    last: float
    alone: int
    undelivered: int
    unrouted: int
    sinks: list[CardSink]
    handed_over: float | None


class Cards(TypedDict):
    """The last cards that came, the last first; `total` is how many are known."""

    cards: list[Card]
    total: int
