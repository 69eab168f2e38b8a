"""Rules: what others would make of all that was seen, and what changed when the file was read again."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta


class WaitFor(TypedDict):
    """What jobs of a route wait for: until `rule` holds, for `at_most` seconds; people call it `what`."""

    what: str
    rule: str
    at_most: Annotated[float, Meta(ge=0)]


RouteRules = TypedDict(
    "RouteRules",
    {
        "id": str, "when": str, "final": bool, "else": bool, "live": bool, "priority": int | str,
        "wait": WaitFor | None, "auto": bool, "steps": list[str], "to": list[dict[str, Any]],
    },
)  # fmt: skip
RouteRules.__doc__ = "A route, with the ids of its steps and sinks, as a ledger keeps it."


class Rules(TypedDict):
    """The rules of a pipeline's file."""

    match: Literal["all", "first"]
    routes: list[RouteRules]


class RouteChange(TypedDict):
    """How many clips a route took `before` and takes `now`, and what it would gain and lose."""

    route: str
    added: bool
    removed: bool
    reused: bool
    before: int
    now: int
    gained: int
    lost: int
    gained_bytes: int
    lost_bytes: int


class Goes(TypedDict):
    """The steps and sinks of a route."""

    steps: list[str]
    to: list[dict[str, Any]]


class RouteMove(TypedDict):
    """A route in both rules whose clips go elsewhere."""

    route: str
    before: Goes
    now: Goes


class Unrouted(TypedDict):
    """How many clips no route takes."""

    before: int
    now: int


class Example(TypedDict):
    """A clip to which a change happens, the routes that took it and that take it; `clips` share that change."""

    clip: str
    card: str
    name: str
    size: int
    before: list[str]
    now: list[str]
    clips: int


class Left(TypedDict):
    """A clip that loses its only job to `sinks`; `clips` share that."""

    clip: str
    card: str
    name: str
    size: int
    sinks: list[str]
    clips: int


class JobChanges(TypedDict):
    """What becomes of jobs under changed rules."""

    opened: int
    withdrawn: int
    changed: int


class History(TypedDict):
    """Other rules over all that was seen; `compared` is false where the ledger was never used with any."""

    compared: bool
    clips: int
    bytes: int
    changed: int
    staying: int
    jobs: JobChanges
    leaving: int
    left: list[Left]
    routes: list[RouteChange]
    moved: list[RouteMove]
    unrouted: Unrouted
    examples: list[Example]


class Reloaded(TypedDict):
    """What differs in the file, by ids of routes, and what was done; `match` is the new one, "" if it is the same."""

    file: str
    added: list[str]
    removed: list[str]
    changed: dict[str, list[str]]
    reordered: bool
    match: str
    jobs: JobChanges
    staying: int
    leaving: int
    left: list[Left]
