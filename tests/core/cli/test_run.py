"""`pipeline run` around a fake engine: signals, lines, summary and exit status; the socket is real."""

from __future__ import annotations

import io
import json
import os
import signal
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
import trio
from click.testing import CliRunner

from rushes.api.client import connect
from rushes.cli import run as run_module
from rushes.cli.lines import Lines, sentence
from rushes.cli.root import cli
from rushes.cli.summary import Summary, summarise
from rushes.cli.text import clock
from rushes.errors import ConfigError, LedgerError
from rushes.events import Event

STUCK = {"id": "j9", "name": "BAD.mov", "route": "dailies", "state": "parked", "reason": "no moov atom"}


class FakeEngine:
    """Delivers two clips, sends itself the signals, and goes on when what it waits `until` is so."""

    def __init__(self, *, parked=0, signals=(), until="drained"):
        self.parked, self.signals, self.until = parked, signals, until
        self.done = 0
        self.drained, self.cancelled, self.reloaded = trio.Event(), trio.Event(), trio.Event()
        self.send, self.receive = trio.open_memory_channel(100)
        self.seen_by_client = None
        self.state = None

    async def status(self):
        return {"counts": {"jobs": {"done": self.done}}, "components": []}

    def mark(self):
        return self.done

    async def jobs(self, search):
        return {"jobs": [STUCK] * self.parked}

    @asynccontextmanager
    async def events(self, after):
        yield self.receive

    def tell(self, kind, **detail):
        self.send.send_nowait(
            Event(kind=kind, at=0.0, seq=self.done + 1, clip="c1", component="cloud", detail=detail)
        )

    async def run(self, *, once):
        self.seen_by_client = await trio.to_thread.run_sync(lambda: connect(self.state).status())
        for _ in range(2):
            self.done += 1
            self.tell("step.done", name="A001.mov", receipt={"size": 1000})
        if self.signals:
            os.kill(os.getpid(), self.signals[0])
            await getattr(self, self.until).wait()
        if len(self.signals) > 1:
            os.kill(os.getpid(), self.signals[1])
            await self.cancelled.wait()
        self.done += 1
        self.tell("pipeline.stopped")
        self.done -= 1
        return SimpleNamespace(parked=self.parked, waiting=0, mute=0)

    async def reload(self):
        self.reloaded.set()
        raise ConfigError("unknown key")

    def drain(self):
        self.drained.set()

    def cancel(self):
        self.cancelled.set()


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the verb around a fake engine."""

    def call(engine_options, *arguments):
        made = []

        @asynccontextmanager
        async def open_engine(pipeline, _settings, *, load):
            if isinstance(engine_options, Exception):
                raise ExceptionGroup("nursery", [engine_options])
            engine = FakeEngine(**engine_options)
            engine.state = pipeline.state
            made.append(engine)
            yield engine

        state = tmp_path / "state"
        monkeypatch.setenv("RUSHES_RUNTIME_DIR", str(tmp_path / "run"))
        monkeypatch.setattr(
            run_module, "loader", lambda _file: lambda: SimpleNamespace(name="onset", state=state)
        )
        monkeypatch.setattr(run_module, "open_engine", open_engine)
        result = CliRunner().invoke(cli, ["run", "onset.yaml", *arguments], prog_name="pipeline")
        assert connect(state) is None
        return result, (made or [None])[0], state

    return call


def test_once(run):
    result, engine, state = run({}, "--once")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert [line.split(" ", 2)[-1] for line in lines[:-1]] == ["A001.mov to cloud (1.0 kB)"] * 2 or len(
        lines
    ) == 3
    assert lines[-1] == "2 delivered"
    assert engine.seen_by_client["components"] == []
    assert "its API is at" in (state / "logs" / "pipeline.log").read_text()


def test_parked_is_3_only_with_once(run):
    result, *_ = run({"parked": 1}, "--once")
    assert result.exit_code == 3
    assert result.stdout.splitlines()[-2:] == ["2 delivered, 1 parked", "  BAD.mov: no moov atom"]
    assert run({"parked": 1})[0].exit_code == 0


def test_json_is_the_only_thing_on_stdout(run):
    result, *_ = run({"parked": 1}, "--once", "--json")
    document = json.loads(result.stdout)
    assert (document["delivered"], document["parked"], document["stuck"]) == (2, 1, [STUCK])
    assert "delivered A001.mov to cloud" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_drains(run, number):
    result, engine, _ = run({"signals": [number]})
    assert result.exit_code == 0
    assert run_module.DRAINING in result.stdout
    assert not engine.cancelled.is_set()


def test_a_hangup_reloads_and_what_is_wrong_with_the_file_ends_nothing(run, monkeypatch):
    monkeypatch.setattr(run_module, "on_terminal", lambda: False)
    result, engine, _ = run({"signals": [signal.SIGHUP], "until": "reloaded"})
    assert result.exit_code == 0, result.output
    assert engine.reloaded.is_set()
    assert not engine.drained.is_set()


def test_a_hangup_of_a_terminal_that_is_gone_drains(run, monkeypatch):
    there = iter([True, False])
    monkeypatch.setattr(run_module, "on_terminal", lambda: next(there))
    result, engine, _ = run({"signals": [signal.SIGHUP]})
    assert result.exit_code == 0, result.output
    assert engine.drained.is_set()
    assert not engine.reloaded.is_set()


def test_second_signal_cancels(run):
    result, engine, _ = run({"signals": [signal.SIGTERM, signal.SIGINT]})
    assert result.exit_code == 0
    assert engine.cancelled.is_set()


def test_failure_of_the_engine_is_one_line(run):
    result, *_ = run(LedgerError("x/ledger.duckdb: in use by another process; stop that pipeline first"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: x/ledger.duckdb: in use by another process; stop that pipeline first\n"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Event(kind="clip.admitted", at=0, clip="c1", detail={"path": "A001/x\x1b.mov"}),
            "admitted x\\x1b.mov",
        ),
        (
            Event(kind="clip.admitted", at=0, clip="c1", detail={"name": "a.mov", "recording": True}),
            "recording a.mov",
        ),
        (Event(kind="clip.completed", at=0, clip="c1", detail={"name": "a.mov"}), "complete a.mov"),
        (Event(kind="step.done", at=0, clip="c1", component="proxy", detail={"outputs": ["a"]}), None),
        (Event(kind="step.parked", at=0, clip="c1", detail={"name": "B", "reason": "bad"}), "parked B: bad"),
        (
            Event(kind="component.said", at=0, component="set", detail={"text": "listening on \x07:42000"}),
            "set: listening on \\x07:42000",
        ),
        (
            Event(kind="component.lost", at=0, component="cloud", detail={"reason": "no network"}),
            "lost cloud: no network",
        ),
        (Event(kind="component.back", at=0, component="cloud"), "back cloud"),
        (Event(kind="job.planned", at=0, clip="c1", detail={"route": "all"}), None),
        (
            Event(
                kind="job.planned",
                at=0,
                clip="c1",
                detail={"name": "a.mov", "reason": "waiting for sound", "until": 1700000000.0},
            ),
            f"a.mov: waiting for sound, until {clock(1700000000.0)} at most",
        ),
        (Event(kind="step.started", at=0), None),
    ],
)
def test_sentences(event, line):
    assert sentence(event) == line


def test_summary_tells_each_reason_once():
    stuck = [{**STUCK, "name": f"{number}.mov", "reason": f"reason {number // 3}"} for number in range(21)]
    lines = Summary(delivered=1, parked=21, stuck=stuck).text().splitlines()
    assert lines[:2] == ["1 delivered, 21 parked", "  0.mov and 2 more: reason 0"]
    assert lines[5:] == ["  12.mov and 2 more: reason 4", "  and 2 more reasons"]
    assert Summary(waiting=3, interrupted=True).text() == "0 delivered, 3 left for the next run"


def test_summary_names_a_clip_once():
    stuck = [{**STUCK, "name": name, "reason": "no sound in it"} for name in ("a.mov", "b.mov")]
    assert Summary(parked=2, stuck=stuck).text().splitlines()[1:] == ["  a.mov and 1 more: no sound in it"]


async def test_lines_survive_a_reader_that_left():
    out = io.StringIO()
    lines = Lines(out)
    await lines.say("one")
    assert out.getvalue() == "one\n"
    out.close()
    await lines.say("two")
    await lines.say("three")


async def test_a_source_that_still_looked_is_nothing_left_where_a_person_stopped_it():
    control = FakeEngine()
    before = await control.status()
    for interrupted, text in ((True, "0 delivered"), (False, "0 delivered, 1 waiting")):
        told = await summarise(
            control, before, SimpleNamespace(parked=0, waiting=1, mute=1), interrupted=interrupted
        )
        assert told.text() == text
