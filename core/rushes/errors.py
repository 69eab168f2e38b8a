"""Failures, classed by what the catcher does next.

A component raises one of these out of `apply`, `annotate`, `deliver`, `open` or an action. Anything else
that escapes is a bug of that component: its step parks with the traceback in the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Blame = Literal["world", "clip"]


class RushesError(Exception):
    """Base of every expected failure; its text is one line: thing, fact, remedy."""


class Transient(RushesError):
    """May work when tried again.

    `blame="world"` never counts against the clip; `blame="clip"` counts, and parks after five.
    `retry_after` is in seconds; None leaves the wait to the engine's backoff.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, blame: Blame = "world") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.blame: Blame = blame


class Permanent(RushesError):
    """Will never work by itself: the step parks with this reason, a person may retry it."""


class Changed(Permanent):
    """A clip's bytes are not those that were admitted (`context.verify`, `context.open`).

    Its step begins anew when its source has told what the file is now, or when it is what it was; until then it waits.
    """


class Unavailable(RushesError):
    """The component has lost its world (no network, not paired, disk full).

    All its work waits while the engine closes and reopens it with backoff; open succeeding means it is
    back. `retry_after` is in seconds; None leaves the wait to the engine's backoff. `by_itself` says that it goes
    on without a person, when a network or a service is back: people are told, not asked.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, by_itself: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.by_itself = by_itself


class MediaGone(RushesError):
    """The volume of a clip is not there: all work of that volume waits until it returns."""

    def __init__(self, volume: str, label: str) -> None:
        super().__init__(f"insert card {label}")
        self.volume = volume
        self.label = label


class NotYet(RushesError):
    """The step waits, told as the message, until the component calls `context.wake(until)`, or a person releases it.

    Where `until` is "" only a person can. Where it is "metadata" it waits until something new is said of its clip, or
    of the one that was made from: then it is tried again. The order of a step that a person released from one of
    these has their `consent`.
    Where it is "complete" it waits until its clip, which is still being recorded, is complete and annotated.
    """

    def __init__(self, message: str, *, until: str = "") -> None:
        super().__init__(message)
        self.until = until


class WorkerDied(RushesError):
    """The worker process of `context.call` died: the input is suspect, the engine is not."""


class CommandFailed(RushesError):
    """A command of `context.run` ended with another status than 0; `output` is the end of its stderr."""

    def __init__(self, command: str, status: int, output: str) -> None:
        last = output.strip().splitlines()[-1] if output.strip() else "no output"
        super().__init__(f"{command} failed with status {status}: {last}")
        self.status = status
        self.output = output


class ConfigError(RushesError):
    """A bad pipeline file, rule or setting. `where` is "file:line:column" when known.

    `option` is the component's option that is to blame, as `lut` or `burn_in.font`: its place in the file is told.
    `others` are further errors that were found with it, in the order of the file.
    """

    others: Sequence[ConfigError] = ()

    def __init__(self, message: str, *, where: str = "", excerpt: str = "", option: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        self.excerpt = excerpt
        self.option = option


class LedgerError(RushesError):
    """The ledger cannot be opened or written; the text says why and what to do."""


class NotFound(RushesError):
    """No such job, clip or component (exit status 4)."""


class NotAuthorised(RushesError):
    """The service does not know this device (exit status 5)."""


def in_words(failure: BaseException) -> str:
    """A failure of any class in one line: its class, and the first line of its text."""
    name = type(failure).__name__
    try:
        text = str(failure).strip().splitlines()
    except Exception:  # noqa: BLE001 - the text of a plugin's exception is the plugin's code, too
        text = []
    return f"{name}: {text[0]}" if text else name
