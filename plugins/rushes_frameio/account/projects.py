"""Which project was connected when: a delivery only ever goes to the project its job was planned for."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rushes import Store

STORED = "projects"


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (seconds since the epoch) on this project was connected; none where `id` is ""."""

    id: str
    name: str
    since: float


class Projects:
    """The timeline of connections of one component, kept in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._spans: list[Span] = []

    async def load(self) -> None:
        self._spans = [Span(**span) for span in await self._store.get(STORED, [])]

    async def connected(self, project: str, name: str, now: float) -> None:
        """This project is the connected one; a new name of it changes nothing else."""
        if self._spans and self._spans[-1].id == project:
            if self._spans[-1].name != name:
                self._spans[-1] = Span(project, name, self._spans[-1].since)
                await self._keep()
            return
        self._begin(project, name, now)
        await self._keep()

    async def disconnected(self, now: float) -> None:
        """No project is connected from now on."""
        if self._spans and self._spans[-1].id:
            self._begin("", "", now)
            await self._keep()

    def owner(self, moment: float) -> Span | None:
        """The project that a job planned at `moment` belongs to: the one connected then, else the next one.

        None where none was connected then or since.
        """
        begun = sum(span.since <= moment for span in self._spans)
        for span in self._spans[max(0, begun - 1) :]:
            if span.id:
                return span
        return None

    def _begin(self, project: str, name: str, now: float) -> None:
        # Time goes on, also where the clock was set back: spans are in the order in which they began.
        since = max(now, self._spans[-1].since) if self._spans else now
        self._spans.append(Span(project, name, since))

    async def _keep(self) -> None:
        await self._store.set(STORED, [asdict(span) for span in self._spans])
