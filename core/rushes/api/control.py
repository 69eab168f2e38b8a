"""What the API needs of an engine; the engine is one, tests bring another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from trio import MemoryReceiveChannel

from rushes.contract import Tell
from rushes.events import Event

if TYPE_CHECKING:  # the engine costs duckdb, which `--help` needs not
    from rushes.engine.searches import ClipSearch, EventOrder, JobSearch, MatchSearch

Document = Mapping[str, Any]


class Control(Protocol):
    """Documents are JSON values, of the types in `documents`. NotFound and other RushesErrors become answers."""

    async def status(self) -> Document:
        """The document `Status`: components, counts, current work, what needs a person."""

    def mark(self) -> object:
        """Equal to an earlier one as long as `status` would say the same, its `now` aside. Costs next to nothing."""

    def health(self) -> Document:
        """`{"draining", "trouble", "backlog", "seq"}`, as in the document `Health`. Costs next to nothing."""

    async def network(self) -> Document:
        """The document `Networks`."""

    async def devices(self) -> Document:
        """The document `Devices`."""

    async def timecode(self) -> Document:
        """The document `Timecodes`."""

    async def clips(self, search: ClipSearch, /) -> Document:
        """The document `Clips`. Raises SearchError."""

    async def clip(self, ref: str, /) -> Document:
        """The document `Explained` of a clip by its id, name, path or CARD/path. Raises NotFound."""

    async def timeline(self, clip: str, after: int, limit: int, order: EventOrder, /) -> Document:
        """The document `Timeline` of a clip by its id. Raises NotFound."""

    async def picture(self, clip: str, width: int, /) -> bytes:
        """A JPEG of the clip of that id. Raises NotFound."""

    async def media(self, clip: str, /) -> tuple[Path, str]:
        """A file of it that a browser can play, and its media type. Raises NotFound."""

    async def jobs(self, search: JobSearch, /) -> Document:
        """The document `Jobs`. Raises SearchError."""

    async def job(self, id: str, /) -> Document:  # noqa: A002 - the API's word
        """The document `Job` by its id or the start of it. Raises NotFound."""

    async def queue(self, verb: str, ids: Sequence[str], /, *, all: bool) -> Document:  # noqa: A002 - the API's word
        """One of VERBS on jobs (`ids` or the start of ids): the document `Changed`.

        Raises NotFound, and then has changed nothing.
        """

    async def move(self, ids: Sequence[str], before: str, /) -> Document:
        """Have jobs run before another one, in the order given: the document `Changed`. Raises NotFound."""

    async def add(self, clip: str, sink: str, like: str, /) -> Document:
        """A job that takes the clip to the sink as the route called `like` does: the document `Added`. Raises NotFound.

        With "" as the routes there do; RushesError where they differ.
        """

    async def switch(self, word: str, names: Sequence[str], /) -> Document:
        """One of `pause`, `resume` (sinks), `manual`, `auto` (routes); no names: all. Raises NotFound.

        The document `Switches`.
        """

    async def matches(self, search: MatchSearch, /) -> Document:
        """The document `Matches`. Raises SearchError."""

    async def decide(self, verb: str, clip: str, other: str, /) -> Document:
        """`accept`, `reject` or `forget` a match: what the annotator's action of that name answers. Raises NotFound."""

    async def attention(self) -> Document:
        """The document `AttentionList`."""

    async def cards(self) -> Document:
        """The document `Cards`."""

    async def days(self) -> Document:
        """The document `Days`."""

    async def day(self, wanted: str, /) -> Document:
        """The document `Report` of a day, YYYY-MM-DD, or of the `last`. Raises NotFound."""

    async def summary(self, wanted: str, /) -> Document:
        """The document `ReportSummary` of a day, or of the `last`. Raises NotFound."""

    async def rules(self) -> Document:
        """The document `Rules`: those that are followed."""

    async def history(self, rules: Mapping[str, Any], /) -> Document:
        """The document `History`: what these rules make of all that was ever seen. Raises ConfigError."""

    async def reload(self) -> Document:
        """Read the pipeline's file again: the document `Reloaded`. Raises ConfigError: then nothing changed."""

    async def act(self, component: str, action: str, arguments: Mapping[str, str], tell: Tell, /) -> Document:
        """Ask a component. Raises NotFound and what the action raises."""

    def events(self, after: int | None, /) -> AbstractAsyncContextManager[MemoryReceiveChannel[Event]]:
        """Every event after that sequence number, stored ones first, then as they happen; None: only those.

        The channel ends early for a reader that is far behind, and may jump over events: see `follow`.
        """
