"""What the API needs of an engine; the engine is one, tests bring another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from trio import MemoryReceiveChannel

from rushes.contract import Tell
from rushes.events import Event


class Control(Protocol):
    """Documents are JSON values; NotFound and other RushesErrors become answers."""

    async def status(self) -> Mapping[str, Any]:
        """The document of `/v1/status`: components, counts, current work, what needs a person."""

    async def jobs(self, states: Collection[str] | None, /) -> Mapping[str, Any]:
        """The document of `/v1/jobs`, all of them where `states` is None."""

    async def clip(self, ref: str, /) -> Mapping[str, Any]:
        """The document of `/v1/clips/{id}`. Raises NotFound."""

    async def queue(self, verb: str, ids: Sequence[str], /, *, all: bool) -> Mapping[str, Any]:  # noqa: A002 - the API's word
        """One of VERBS on jobs (`ids` or the start of ids): `{"changed": [job ids]}`.

        Raises NotFound, and then has changed nothing.
        """

    async def add(self, clip: str, sink: str, /) -> Mapping[str, Any]:
        """A job that takes the clip to the sink. Raises NotFound."""

    async def switch(self, word: str, names: Sequence[str], /) -> Mapping[str, Any]:
        """One of `pause`, `resume` (sinks), `manual`, `auto` (routes); no names: all. Raises NotFound."""

    async def history(self, rules: Mapping[str, Any], /) -> Mapping[str, Any]:
        """The document of `/v1/history`: what these rules make of all that was ever seen. Raises ConfigError."""

    async def reload(self) -> Mapping[str, Any]:
        """Read the pipeline's file again: the document of `/v1/reload`. Raises ConfigError: then nothing changed."""

    async def act(
        self, component: str, action: str, arguments: Mapping[str, str], tell: Tell, /
    ) -> Mapping[str, Any]:
        """Ask a component. Raises NotFound and what the action raises."""

    def events(self, after: int | None, /) -> AbstractAsyncContextManager[MemoryReceiveChannel[Event]]:
        """Every event after that sequence number, stored ones first, then as they happen; None: only those.

        The channel ends early for a reader that is far behind, and may jump over events: see `follow`.
        """
