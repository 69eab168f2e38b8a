"""Commands and worker processes for real: what they say, how they end, what outlives them (nothing)."""

from __future__ import annotations

import multiprocessing.resource_tracker
import multiprocessing.spawn
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import trio

from rushes.errors import CommandFailed, Unavailable, WorkerDied
from rushes.executor import open_executor
from rushes.executor.local import KEPT_OUTPUT_BYTES, child_environment
from rushes.executor.orphans import Orphans

#: Long enough for a loaded machine; only a defect waits for it.
PATIENCE_S = 30


@pytest.fixture
async def executor(tmp_path):
    async with open_executor(tmp_path / "children", heavy=2, nice=15) as opened:
        yield opened


class Watched:
    """A process that is to end: its pidfd says so whoever its parent is."""

    def __init__(self, pid):
        self.fd = os.pidfd_open(pid)

    async def ended(self):
        with trio.fail_after(PATIENCE_S):
            await trio.lowlevel.wait_readable(self.fd)
        os.close(self.fd)


async def test_cancelling_a_command_kills_its_whole_process_group(executor):
    watched = []
    with trio.fail_after(PATIENCE_S), trio.CancelScope() as scope:

        def line(text):
            watched.extend(Watched(int(pid)) for pid in text.split())
            scope.cancel()

        await executor.run(["sh", "-c", "sleep 1000 & echo $$ $!; wait"], lines=line)
    assert scope.cancelled_caught
    assert len(watched) == 2
    for process in watched:
        await process.ended()


async def test_a_grandchild_that_holds_stderr_neither_hangs_the_call_nor_lives_on(executor, tmp_path):
    fifo, held = tmp_path / "go", []
    os.mkfifo(fifo)

    def line(text):
        held.extend([Watched(int(text)), os.open(fifo, os.O_RDWR)])
        os.write(held[1], b"go\n")

    with trio.fail_after(PATIENCE_S):
        script = f"sleep 1000 & echo $!; read go < '{fifo}'; echo said >&2"
        done = await executor.run(["sh", "-c", script], lines=line)
    os.close(held[1])
    assert done.output == "said\n"
    await held[0].ended()


async def test_lines_come_whole_however_they_are_cut_and_whatever_they_hold(executor):
    lines = []
    long = "x" * 200_000
    await executor.run(
        [
            "sh",
            "-c",
            f"printf 'one\\n\\n'; head -c {len(long)} /dev/zero | tr '\\0' x; printf '\\n\\351t\\351'",
        ],
        lines=lines.append,
    )
    assert lines == ["one", "", long, "\ufffdt\ufffd"]


async def test_of_a_failed_command_the_end_of_its_words_is_kept(executor):
    script = (
        f"head -c {3 * KEPT_OUTPUT_BYTES} /dev/zero | tr '\\0' x >&2; echo >&2; echo last word >&2; exit 3"
    )
    with pytest.raises(CommandFailed, match=r"^sh failed with status 3: last word$") as failure:
        await executor.run(["sh", "-c", script])
    assert failure.value.status == 3
    assert len(failure.value.output) == KEPT_OUTPUT_BYTES
    assert failure.value.output.endswith("x\nlast word\n")


async def test_a_missing_program_is_permanent_and_told_in_one_line(executor, tmp_path):
    with pytest.raises(
        Unavailable, match=r"^/nowhere/ffmpeg: no such program; install it or correct its setting$"
    ):
        await executor.run(["/nowhere/ffmpeg", "-i", "x"])
    plain = tmp_path / "ffmpeg"
    plain.write_text("not executable")
    with pytest.raises(Unavailable, match="may not be executed"):
        await executor.run([str(plain)])


async def test_commands_run_at_lower_priority(executor, tmp_path):
    fifo, told = tmp_path / "go", []
    os.mkfifo(fifo)

    def line(text):
        told.append(text)
        if text == "ready":
            go = os.open(fifo, os.O_RDWR)
            os.write(go, b"go\n")
            told.append(go)

    await executor.run(["sh", "-c", f"echo ready; read go < '{fifo}'; nice"], lines=line)
    os.close(told[1])
    assert told[2] == "15"


async def test_neither_commands_nor_workers_get_our_variables(executor, monkeypatch):
    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("OTHER", "kept")
    seen = []
    await executor.run(["env"], lines=seen.append)
    assert "OTHER=kept" in seen
    assert not [line for line in seen if "RUSHES_" in line or "hunter2" in line]
    assert await executor.call(os.getenv, "OTHER") == "kept"
    assert await executor.call(os.getenv, "RUSHES_FRAMEIO_CLIENT_SECRET") is None
    assert child_environment({"RUSHES_X": "1", "PATH": "p"}) == {"PATH": "p"}


async def test_no_process_of_ours_was_started_with_our_variables(executor, monkeypatch):
    """Deleting them first thing is too late: /proc tells what a process was started with."""
    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("OTHER", "kept")
    seen = []
    await executor.run(["sh", "-c", "tr '\\0' '\\n' </proc/self/environ"], lines=seen.append)
    pid = await executor.call(os.getpid)
    started = (await trio.Path(f"/proc/{pid}/environ").read_bytes()).split(b"\0")
    for environment in (seen, [entry.decode() for entry in started]):
        assert "OTHER=kept" in environment
        assert not [entry for entry in environment if "RUSHES_" in entry or "hunter2" in entry]
    assert os.environ["RUSHES_FRAMEIO_CLIENT_SECRET"] == "hunter2"  # we still know it


async def test_a_worker_that_dies_blames_its_input_and_the_next_call_works(executor):
    with pytest.raises(WorkerDied, match=r"^the worker process died in _exit$"):
        await executor.call(os._exit, 3)
    assert await executor.call(sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        await executor.call(divmod, 1, 0)


async def test_where_no_worker_can_start_no_input_is_blamed(tmp_path, monkeypatch):
    # multiprocessing's own helper is started with the same program, once: let it run already.
    multiprocessing.resource_tracker.ensure_running()
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    with trio.fail_after(PATIENCE_S):
        async with open_executor(tmp_path / "children") as executor:
            with pytest.raises(Unavailable, match="no worker process can be started"):
                await executor.call(sorted, [2, 1])


async def test_cancelling_a_call_kills_its_worker(executor, tmp_path):
    fifo, watched = tmp_path / "pid", []
    os.mkfifo(fifo)
    work = f"import os, time; open({str(fifo)!r}, 'w').write(str(os.getpid())); time.sleep(1000)"
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(executor.call, exec, work)
            watched.append(Watched(int(await trio.to_thread.run_sync(fifo.read_text))))
            nursery.cancel_scope.cancel()
    await watched[0].ended()


RUN = """
import sys, trio
from pathlib import Path
from rushes.executor import open_executor
async def main():
    async with open_executor(Path(sys.argv[1])) as executor:
        say = lambda text: print(text, flush=True)
        await executor.run(["sh", "-c", "sleep 1000 & echo $$ $!; wait"], lines=say)
trio.run(main)
"""


def killed_run(folder):
    run = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True)
    with run:
        watched = [Watched(int(pid)) for pid in run.stdout.readline().split()]
        run.send_signal(signal.SIGKILL)
    return watched


async def test_what_a_killed_run_left_running_is_ended_by_the_next(tmp_path):
    folder = tmp_path / "children"
    watched = killed_run(folder)
    assert len(watched) == 2
    async with open_executor(folder):
        for process in watched:
            await process.ended()
    assert list(folder.iterdir()) == []


@contextmanager
def bystander():
    process = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("noted", ["", "1"], ids=["torn note", "another start time"])
def test_a_process_that_only_has_the_pid_of_an_orphan_is_left_alone(tmp_path, noted):
    orphans = Orphans(tmp_path)
    with bystander() as process:
        (tmp_path / str(process.pid)).write_text(noted)
        (tmp_path / "no pid").write_text("1")
        assert orphans.end() == 0
        assert process.poll() is None
    assert list(tmp_path.iterdir()) == []


def test_an_orphan_with_its_own_pid_and_start_time_is_ended(tmp_path):
    orphans = Orphans(tmp_path)
    with bystander() as process, orphans.remembered(process.pid):
        assert orphans.end() == 1
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
