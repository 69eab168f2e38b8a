"""The board under random sequences of events: what may run is never lost, what may not never runs."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from rushes.engine.board import MOST_DEATHS, SUSPECT_DEATHS, Board
from rushes.engine.queue import Queue
from rushes.ledger.rows import Job, Step
from rushes.model import Clip, StepState

COMPONENTS, VOLUMES, LIVE = ("one", "two"), ("A", "B"), {"one"}
RUNNING, READY, WAITING = StepState.RUNNING, StepState.READY, StepState.WAITING


class World:
    """A board, the workers of its steps, and the cards that are in."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.now = 1000.0
        self.present = set(VOLUMES)
        #: What works on a step, whatever has been decided about it since.
        self.workers = set()
        self.made = 0
        self.board = Board(lambda: self.now, present=self.present.__contains__, live=LIVE.__contains__)
        self.queue = Queue(self.board, lambda _clip: True)

    def step(self, *states):
        names = [name for name, step in self.board.steps.items() if not states or step.state in states]
        return self.board.steps[self.chance.choice(names)] if names else None

    # -- what may happen ---------------------------------------------------------------------------------

    def add(self):
        self.made += 1
        volume, complete = self.chance.choice(VOLUMES), self.chance.random() < 0.7
        name, clip = f"j{self.made}", Clip(id=f"c{self.made}", volume=volume, path="x", complete=complete)
        deaths = self.chance.choice([0, 0, 0, *range(MOST_DEATHS)])
        steps = [
            Step(
                id=f"{name}.{n}",
                job=name,
                position=0,
                verb="deliver",
                component=of,
                clip=clip.id,
                deaths=deaths,
            )
            for n, of in enumerate(COMPONENTS[: self.chance.randint(1, 2)])
        ]
        priority = self.chance.randint(0, 2)
        job = Job(id=name, clip=clip.id, revision=1, route="r", steps=[], sinks=COMPONENTS, priority=priority)
        self.board.add(job, steps, [clip])

    def claim(self):
        growing = self.chance.random() < 0.3
        step = self.board.next(self.chance.choice(COMPONENTS), growing=growing)
        if step is not None:
            assert step.state is READY
            assert self.board.clips[step.clip].complete is not growing
            assert not growing or step.component in LIVE
            assert step.id not in self.workers, "two at once"
            assert self.board.clips[step.clip].volume in self.present
            suspects = [name for name in self.workers if self.running_suspect(name)]
            assert not (suspects and step.deaths >= SUSPECT_DEATHS), "two suspects at once"
            self.workers.add(step.id)
            self.board.put(replace(step, state=RUNNING))

    def running_suspect(self, name):
        step = self.board.steps.get(name)
        return step is not None and step.state is RUNNING and step.deaths >= SUSPECT_DEATHS

    def finish(self):
        if self.workers:
            name = self.chance.choice(sorted(self.workers))
            step = self.board.steps.get(name)
            if step is not None and step.state is RUNNING:
                after = self.chance.choice(list(StepState))
                until = self.now + self.chance.randint(1, 30) if after is WAITING else 0.0
                after = READY if after is RUNNING else after
                self.board.put(replace(step, state=after, until=until, deaths=0))
            self.workers.discard(name)
            self.board.unwound(name)

    def grow(self):
        growing = [clip for clip in self.board.clips.values() if not clip.complete]
        if growing:
            clip = self.chance.choice(growing)
            self.board.seen_again(replace(clip, size=clip.size + 1, complete=self.chance.random() < 0.5))

    def annotate(self):
        """What is complete is looked at, sooner or later, and planned."""
        for clip in list(self.board.clips.values()):
            if clip.complete:
                self.board.completed(clip)

    def progress(self):
        if step := self.step(RUNNING):
            self.board.put(replace(step, deaths=0))

    def decide(self):
        if self.board.jobs:
            verb = self.chance.choice(["top", "hold", "release", "retry", "cancel"])
            jobs = sorted(self.board.jobs)
            self.queue.apply(verb, self.chance.sample(jobs, self.chance.randint(1, min(3, len(jobs)))))

    def card_out(self):
        volume = self.chance.choice(VOLUMES)
        self.present.discard(volume)
        if self.chance.random() < 0.5:
            # Somebody noticed; else the next claim does.
            self.board.volume_gone(volume)

    def card_in(self):
        volume = self.chance.choice(VOLUMES)
        self.present.add(volume)

    def look_for_cards(self):
        for volume in self.board.absent & self.present:
            self.board.volume_back(volume)

    def wait(self):
        self.now += self.chance.choice([0.5, 10, 40])
        self.board.wake_due()

    # -- what must hold ----------------------------------------------------------------------------------

    def work_off(self):
        """With every card in and every worker done, all that is ready or waits for a time comes to be run."""
        self.present.update(VOLUMES)
        self.look_for_cards()
        for clip in list(self.board.clips.values()):
            self.board.seen_again(replace(clip, complete=True))
        self.annotate()
        assert not self.board.waiting_for_recordings()
        steps = self.board.steps.values()
        pending = {step.id for step in steps if step.state is READY or (step.state is WAITING and step.until)}
        served = set()
        for name in sorted(self.workers):
            step = self.board.steps.get(name)
            if step is not None and step.state is RUNNING:
                self.board.put(replace(step, state=StepState.DONE))
            self.workers.discard(name)
            self.board.unwound(name)
        while (until := self.board.next_timer()) is not None:
            self.now = max(self.now, until)
            self.board.wake_due()
        for _ in range(2 * len(pending) + 2):
            for component in COMPONENTS:
                if step := self.board.next(component):
                    assert step.id not in served
                    served.add(step.id)
                    self.board.put(replace(step, state=RUNNING))
                    self.board.put(replace(self.board.steps[step.id], state=StepState.DONE))
        assert served == pending, "lost"
        assert not self.board.runnable(lambda _component: True)


@pytest.mark.parametrize("seed", range(150))
def test_no_sequence_of_events_loses_a_ready_step_or_runs_one_twice(seed):
    world = World(seed)
    events = [
        *[world.add] * 3, *[world.claim] * 5, *[world.finish] * 3, world.progress, *[world.decide] * 3,
        world.card_out, *[world.card_in] * 2, *[world.look_for_cards] * 2, *[world.wait] * 2,
        *[world.grow] * 2, world.annotate,
    ]  # fmt: skip
    for _ in range(200):
        world.chance.choice(events)()
    world.work_off()


def test_jobs_put_on_top_together_keep_the_order_they_were_named_in():
    board = Board(lambda: 0.0)
    for number in range(5):
        clip = Clip(id=f"c{number}", volume="A", path="x")
        job = Job(
            id=f"j{number}", clip=clip.id, revision=1, route="r", steps=[], sinks=["one"], created=number
        )
        step = Step(id=f"j{number}.1", job=job.id, position=0, verb="deliver", component="one", clip=clip.id)
        board.add(job, [step], [clip])
    queue = Queue(board, lambda _clip: True)
    queue.apply("top", ["j4"])
    queue.apply("top", ["j3", "j1"])
    order = []
    while step := board.next("one"):
        order.append(step.job)
        board.put(replace(step, state=RUNNING))
    assert order == ["j3", "j1", "j4", "j0", "j2"]
