"""What only a running pipeline knows, laid over what its ledger says: open components, work in hand, absent cards."""

from __future__ import annotations

from collections import Counter
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
        if self._silent(step.component):
            rate = 0.0
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
        """Tell in place how long growing clips are by now (the ledger has the first size only), and how much of a
        delivery that rests was sent.
        """
        for document in documents:
            clip = self._board.clips.get(document.get("clip") or document["id"])
            if clip is not None and not clip.complete:
                document["size"] = clip.size
            if (sent := self._worker.rested.get(document.get("id", ""))) is not None:
                document["sent"] = int(sent)
            self.lay_sizes(document.get("steps", ()))

    def _silent(self, component: str) -> bool:
        """Whether nothing moves there, by its facts: an answer is overdue, or it is not connected."""
        host = self._hosts.get(component)
        return host is not None and (
            "silent_since" in host.context.facts or host.context.facts.get("connected") is False
        )

    def attention(self) -> list[views.Document]:
        """Components that are away or have something to say (their fact `attention`), cards to be inserted."""
        said = {
            name: str(host.context.facts["attention"])
            for name, host in self._hosts.items()
            if "attention" in host.context.facts
        }
        away = [self._note(name, why) for name, why in (said | self._away()).items()]
        cards = [
            note("card", card, f"insert card {card}", "its work goes on when it is back")
            for card in sorted(set(self._absent().values()))
        ]
        return away + cards

    def _note(self, component: str, why: str) -> views.Document:
        host = self._hosts[component]
        # What a person paused goes on by a person, whatever else is the matter with it.
        by_itself = host.by_itself and host.state == "unavailable" and component not in self._paused()
        again_at = host.again_at if by_itself else None
        return note("component", component, why, component=component, by_itself=by_itself, again_at=again_at)

    def correct(self, counts: views.Document) -> None:
        """Tell in the ledger's counts what remains by now, and how fast that becomes less, sink by sink."""
        sent: Counter[str] = Counter()
        for step, there in self._worker.rested.items():
            sent[self._board.steps[step].component] += int(there)
        for running in self._worker.running.values():
            # What a recording has grown by is not in the ledger's sum.
            if running.verb == "deliver" and not running.growing:
                sent[running.component] += int(running.done)
        sinks = [self._left(each, sent[each["sink"]]) for each in counts["sinks"]]
        going = [each for each in sinks if not each["paused"]]
        # All is delivered when the last of them has it; while one stands still, nobody knows when that is.
        ends = [each["eta_s"] for each in going]
        counts.update(
            sinks=sinks,
            bytes_remaining=sum(each["bytes"] for each in sinks),
            rate=float(sum(each["rate"] for each in sinks)),
            eta_s=max(ends) if ends and None not in ends else None,
        )

    def _left(self, counted: views.Document, sent: int) -> views.Document:
        """What one sink has still to get."""
        sink = counted["sink"]
        left = max(0, counted["bytes"] - sent)
        paused = sink in self._paused()
        pace = None if paused or self._silent(sink) else self._worker.pace.get(sink)
        rate = (pace and pace.rate) or 0.0
        eta = left / rate if rate else None
        return {**counted, "bytes": left, "paused": paused, "rate": rate, "eta_s": eta}

    def waiting_for(self) -> views.Waits:
        """What ready work really waits for."""
        gone = {
            name: f"{name} is not in the pipeline file any more"
            for name in self._board.lines - self._hosts.keys()
        }
        cards = {volume: f"insert card {card}" for volume, card in self._absent().items()}
        return {"components": self._away() | gone, "volumes": cards, "running": True}

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
