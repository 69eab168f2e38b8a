"""The sources of a run: each is lent its component and tells what it finds, until the run admits nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import trio

from rushes.engine.host import Host
from rushes.engine.intake import Admissions, SourceIntake
from rushes.engine.pulse import Pulse


class Feeding:
    """Runs the sources."""

    def __init__(self, sources: Sequence[Host], admissions: Admissions, pulse: Pulse) -> None:
        self._sources = {
            host: SourceIntake(host.component.id, admissions, pulse, host.worked) for host in sources
        }
        self._scope = trio.CancelScope()

    async def run(self) -> None:
        """Until each source has ended, or `stop`."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                for host, intake in self._sources.items():
                    nursery.start_soon(self._run, host, intake)

    async def _run(self, host: Host, intake: SourceIntake) -> None:
        await host.live(lambda source: cast("Any", source).run(intake))
        await intake.caught_up()

    def stop(self) -> None:
        """Admit nothing more."""
        self._scope.cancel()

    @property
    def caught_up(self) -> bool:
        """Whether every source that can be asked has told all it has."""
        return all(intake.caught or not host.usable for host, intake in self._sources.items())

    @property
    def mute(self) -> int:
        """How many never told all they have."""
        return sum(not intake.caught for intake in self._sources.values())
