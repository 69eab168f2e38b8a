"""A job that waits for its route, through whatever may happen to it, against a few words of what it should do."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rushes import Clip, Kind
from rushes.config.pipeline import Route, Wait
from rushes.engine.board import Board
from rushes.engine.ids import job_id
from rushes.engine.matches import Matches
from rushes.engine.planner import Planner
from rushes.engine.queue import HELD, Queue
from rushes.engine.recovery import _taken_up
from rushes.engine.routing import Routing, Taken
from rushes.ledger.rows import put_backlog, read_job, read_step
from rushes.ledger.schema import JOBS, STEPS

AT_MOST = 600.0
ROUTE = Route(
    id="r", when="true", steps=(), to=("sink",), wait=Wait(what="sound", rule="true", at_most=AT_MOST)
)
CLIP = Clip(id="c", volume="v", card="A", path="a.mov", kind=Kind.VIDEO, size=1, mtime_ns=1, inode=1)
JOB = job_id(CLIP.id, CLIP.revision, ROUTE.id)


class Waiting(RuleBasedStateMachine):
    """The model is one word, the moment at which the wait is over, and whether a withdrawn job was still waiting."""

    def __init__(self):
        super().__init__()
        self.now = 1000.0
        self.rows = {JOBS.name: {}, STEPS.name: {}}
        self.word, self.deadline, self.kept = "absent", 0.0, False
        self.start()

    def start(self):
        self.board = Board(lambda: self.now)
        journal = SimpleNamespace(event=lambda _kind, **_detail: put_backlog("event"))
        self.planner = Planner(
            Routing([ROUTE]), self.board, journal, lambda: self.now, auto=lambda _route: None
        )

    def plan(self, *taken):
        job = self.rows[JOBS.name].get(JOB)
        steps = [step for step in self.rows[STEPS.name].values() if step.state.value == "withdrawn"]
        withdrawn = {step.job: step.until for step in steps if job.over}
        known = frozenset(self.rows[JOBS.name]) - withdrawn.keys()
        self.write(self.planner.plan([CLIP], Matches({CLIP.id: taken}, known, withdrawn), again=True))

    def write(self, changes):
        for change in [*changes, *self.board.take_changes()]:
            if change.table in {JOBS, STEPS}:
                read = read_job if change.table is JOBS else read_step
                self.rows[change.table.name][change.row[0]] = read(change.row)

    @rule(waits=st.booleans())
    def taken(self, waits):
        self.plan(Taken(ROUTE, 0, waits))
        if self.word == "absent":
            self.word, self.deadline = ("waiting" if waits else "free"), self.now + AT_MOST
        elif self.word == "withdrawn":
            self.word = "waiting" if waits and self.kept else "free"
        elif self.word == "waiting" and not waits:
            self.word = "free"
        self.passes(0.0)

    @rule()
    def not_taken(self):
        self.plan()
        if self.word not in {"absent", "withdrawn"}:
            self.word, self.kept = "withdrawn", self.word == "waiting"

    @rule(seconds=st.sampled_from([1.0, 250.0, 600.0]))
    def time_passes(self, seconds):
        self.passes(seconds)

    def passes(self, seconds):
        self.now += seconds
        self.board.wake_due()
        self.write([])
        if self.word == "waiting" and self.now >= self.deadline:
            self.word = "free"

    @precondition(lambda self: self.word not in {"absent", "withdrawn"})
    @rule(verb=st.sampled_from(["hold", "release", "retry", "top"]))
    def a_person_says(self, verb):
        Queue(self.board, lambda _clip: True).apply(verb, [JOB])
        self.write([])
        if verb == "hold":
            self.word = "held"
        elif verb == "release":
            self.word = "free"

    @rule(seconds=st.sampled_from([0.0, 100.0]))
    def dies_and_starts_again(self, seconds):
        self.now += seconds
        self.start()
        for job in self.rows[JOBS.name].values():
            if not job.over:
                taken_up = [_taken_up(step, self.now, died=1) for step in self.rows[STEPS.name].values()]
                self.board.load(job, taken_up, [CLIP])
        self.passes(0.0)

    @invariant()
    def it_is_as_it_should_be(self):
        told = [(step.state.value, step.reason, step.until) for step in self.rows[STEPS.name].values()]
        gone = "no longer matches route r"
        expected = {
            "absent": [],
            "waiting": [("waiting", "waiting for sound", self.deadline)],
            "free": [("ready", "", 0.0)],
            "held": [("waiting", HELD, 0.0)],
            "withdrawn": [("withdrawn", gone, self.deadline if self.kept else 0.0)],
        }
        assert told == expected[self.word]
        ready = self.board.next("sink")
        assert (ready is not None) == (self.word == "free")
        if ready is not None:
            self.board.unwound(self.board.put(ready).id)  # back into its line


TestWaiting = Waiting.TestCase
TestWaiting.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
