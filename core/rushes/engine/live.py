"""What only a running pipeline knows, laid over what its ledger says: open components, work in hand, absent cards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from rushes.engine import views
from rushes.engine.board import Board
from rushes.engine.host import Host
from rushes.engine.note import note
from rushes.engine.prepare import Preparation
from rushes.engine.switches import paused_by_person
from rushes.engine.work import Worker


class Live:
    """Reads the engine's parts; changes none of them."""

    def __init__(
        self,
        hosts: Mapping[str, Host],
        board: Board,
        worker: Worker,
        preparation: Preparation,
        *,
        paused: Callable[[], Collection[str]],
    ) -> None:
        self._paused = paused
        self._hosts = hosts
        self._board = board
        self._worker = worker
        self._preparation = preparation

    def components(self) -> list[views.Document]:
        """Every component with its state and its live facts."""
        return [
            {
                "id": name,
                "use": host.component.use,
                "kind": host.component.kind,
                "state": host.state,
                "reason": host.reason,
                "facts": dict(host.context.facts),
                "actions": sorted(host.component.spec.actions),
            }
            for name, host in self._hosts.items()
        ]

    def current(self) -> list[views.Document]:
        """Every step that is being worked on, with its progress."""
        return [self._step_in_hand(name) for name in list(self._worker.running) if name in self._board.steps]

    def _step_in_hand(self, name: str) -> views.Document:
        running, step = self._worker.running[name], self._board.steps[name]
        clip = self._board.clips[step.clip]
        rate = running.rate
        return {
            "job": step.job,
            "step": name,
            "clip": clip.parent or clip.id,
            "name": clip.filename,
            "component": step.component,
            "verb": step.verb,
            "done": running.done,
            "total": running.total,
            "rate": rate,
            "growing": not clip.complete,
            "eta_s": (running.total - running.done) / rate if rate and clip.complete else None,
        }

    def lay_sizes(self, documents: Iterable[views.Document]) -> None:
        """Tell of growing clips, in place, how long they are by now: the ledger has the first size only."""
        for document in documents:
            clip = self._board.clips.get(document.get("clip") or document["id"])
            if clip is not None and not clip.complete:
                document["size"] = clip.size
            self.lay_sizes(document.get("steps", ()))

    def attention(self) -> list[views.Document]:
        """Components that are away or have something to say (their fact `attention`), cards to be inserted."""
        said = {
            name: str(host.context.facts["attention"])
            for name, host in self._hosts.items()
            if "attention" in host.context.facts
        }
        away = [note("component", name, why, component=name) for name, why in (said | self._away()).items()]
        cards = [
            note("card", card, f"insert card {card}", "its work goes on when it is back")
            for card in sorted(set(self._absent().values()))
        ]
        return away + cards

    def correct(self, counts: views.Document) -> None:
        """Tell in the ledger's counts, in place, what remains by now, and how fast that becomes less."""
        deliveries = [work for work in self.current() if work["verb"] == "deliver"]
        # What a recording has grown by is not in the ledger's sum.
        sent = sum(work["done"] for work in deliveries if not work["growing"]) + self._worker.rested
        left = max(0, counts["bytes_remaining"] - int(sent))
        rate = float(sum(work["rate"] or 0.0 for work in deliveries))
        counts.update(bytes_remaining=left, rate=rate, eta_s=left / rate if rate else None)

    def waiting_for(self) -> views.Waits:
        """What ready work really waits for."""
        gone = {
            name: f"{name} is not in the pipeline file any more"
            for name in self._board.lines - self._hosts.keys()
        }
        cards = {volume: f"insert card {card}" for volume, card in self._absent().items()}
        return {"components": self._away() | gone, "volumes": cards}

    def facts(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """What components say of themselves, by id."""
        return ((name, host.context.facts) for name, host in self._hosts.items())

    @property
    def mark(self) -> object:
        """Another one as soon as a component or work in hand is not as it was. Costs next to nothing."""
        return (
            [(host.state, host.reason, host.context.shown) for host in self._hosts.values()],
            [(running.step, running.done, running.total) for running in self._worker.running.values()],
        )

    def _away(self) -> dict[str, str]:
        away = {name: host.reason for name, host in self._hosts.items() if host.state == "unavailable"}
        return away | {sink: paused_by_person(sink) for sink in self._paused() if sink in self._hosts}

    def _absent(self) -> dict[str, str]:
        """The cards that work waits for, by volume."""
        return {**self._board.cards(), **self._preparation.absent_cards}
