"""What only a running pipeline knows, laid over what its ledger says: open components, work in hand, absent cards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from rushes.engine import views
from rushes.engine.board import Board
from rushes.engine.host import Host
from rushes.engine.prepare import Preparation
from rushes.engine.switches import paused_by_person
from rushes.engine.work import Worker
from rushes.ledger.rows import Step
from rushes.model import StepState


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
            name: host.context.facts["attention"]
            for name, host in self._hosts.items()
            if "attention" in host.context.facts
        }
        away = [
            {"subject": name, "reason": reason, "remedy": ""}
            for name, reason in (said | self._away()).items()
        ]
        cards = [
            {"subject": card, "reason": f"insert card {card}", "remedy": "its work goes on when it is back"}
            for card in sorted(set(self._absent().values()))
        ]
        return away + cards

    def correct(self, counts: views.Document) -> None:
        """Change the ledger's counts in place: ready work that cannot start waits, sent bytes remain no more."""
        blocked = min(self._blocked(), counts["jobs"]["ready"])
        counts["jobs"]["ready"] -= blocked
        counts["jobs"]["waiting"] += blocked
        # What a recording has grown by is not in the ledger's sum.
        sent = sum(
            step["done"] for step in self.current() if step["verb"] == "deliver" and not step["growing"]
        )
        counts["bytes_remaining"] = max(0, counts["bytes_remaining"] - int(sent))

    def waiting_for(self) -> views.Waits:
        """What ready work really waits for."""
        used = {step.component for step in self._board.steps.values()}
        gone = {name: f"{name} is not in the pipeline file any more" for name in used - self._hosts.keys()}
        cards = {volume: f"insert card {card}" for volume, card in self._absent().items()}
        return {"components": self._away() | gone, "volumes": cards}

    def _away(self) -> dict[str, str]:
        away = {name: host.reason for name, host in self._hosts.items() if host.state == "unavailable"}
        return away | {sink: paused_by_person(sink) for sink in self._paused() if sink in self._hosts}

    def _absent(self) -> dict[str, str]:
        """The cards that work waits for, by volume."""
        if not self._board.absent:
            return self._preparation.absent_cards
        labels = {clip.volume: clip.card or clip.volume for clip in self._board.clips.values()}
        here = {volume: labels.get(volume, volume) for volume in self._board.absent}
        return here | self._preparation.absent_cards

    def _blocked(self) -> int:
        """Jobs that the ledger calls ready and that wait for a component or a card."""
        if not self._board.absent and not self._away():
            return 0
        return sum(self._is_blocked(job) for job in self._board.jobs)

    def _is_blocked(self, job: str) -> bool:
        steps = list(self._board.steps_of(job))
        ready = [step for step in steps if step.state is StepState.READY]
        running = any(step.state is StepState.RUNNING for step in steps)
        return bool(ready) and not running and not any(self._can_start(step) for step in ready)

    def _can_start(self, step: Step) -> bool:
        host = self._hosts.get(step.component)
        there = self._board.clips[step.clip].volume not in self._board.absent
        return (
            there
            and host is not None
            and host.state != "unavailable"
            and step.component not in self._paused()
        )
