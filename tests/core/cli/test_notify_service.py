"""What systemd is told, and the unit that it reads."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner

from rushes.cli.notify import TELL_EVERY_S, Notify
from rushes.cli.root import cli
from rushes.cli.service import quoted, unit, unquoted
from rushes.errors import RushesError


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket as systemd's, and the environment that names it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@rushes-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name[1:] if name.startswith("@") else name)
        heard.setblocking(False)
        yield heard, {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}


async def test_it_beats_only_while_the_engine_answers(manager, autojump_clock):
    heard, environment = manager
    notify = Notify(environment)
    notify.ready()
    notify.status("3 done\nREADY=1")
    assert [heard.recv(200), heard.recv(200)] == [b"READY=1", b"STATUS=3 done READY=1"]
    answers = iter([0.0, 0.0, 1000.0])

    async def alive():
        await trio.sleep(next(answers))

    with trio.move_on_after(60):
        await notify.beat(alive)
    assert [heard.recv(200), heard.recv(200)] == [b"WATCHDOG=1"] * 2
    with pytest.raises(BlockingIOError):
        heard.recv(200)


def test_nobody_asked():
    notify = Notify({})
    notify.ready()
    assert (notify.asked, notify.beat_s) == (False, None)


def test_a_manager_that_is_gone_ends_nothing(tmp_path):
    Notify({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
    assert Notify({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, pid=2).beat_s is None


def test_it_stops_once(manager):
    heard, environment = manager
    notify = Notify(environment)
    notify.stopping()
    notify.stopping()
    assert heard.recv(200) == b"STOPPING=1"
    with pytest.raises(BlockingIOError):
        heard.recv(200)


async def test_a_status_is_asked_for_where_something_changed(manager, autojump_clock):
    heard, environment = manager
    marks, asked = [1, 1, 1, 2, 2, 3], []

    async def line():
        asked.append(trio.current_time())
        return "same" if len(asked) < 3 else "other"

    with trio.move_on_after(TELL_EVERY_S * 5.5):
        await Notify(environment).tell(lambda: marks.pop(0), line)
    assert (len(asked), marks) == (3, [])
    assert [heard.recv(200), heard.recv(200)] == [b"STATUS=same", b"STATUS=other"]


def test_quoting():
    assert quoted('a "b" 100% $x \\') == '"a \\"b\\" 100%% $x \\\\"'
    assert unquoted("/a b/100%") == "/a b/100%%"
    for wrong in ("a\nb", "a\udcffb"):
        with pytest.raises(RushesError, match="control characters"):
            quoted(wrong)
    for wrong in ("/a/b\\", "/a/b "):
        with pytest.raises(RushesError, match="ends so"):
            unquoted(wrong)


def test_a_program_that_systemd_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/it's/python")
    with pytest.raises(RushesError, match="install it elsewhere"):
        unit(tmp_path / "x.yaml", tmp_path / "state", of_user=True)


def _analyzed(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def analyzed(tmp_path):
    """What `systemd-analyze verify` says of a unit's text; skipped where it does not read units at all."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    path = tmp_path / "rushes-test.service"
    path.write_text("[Service]\nType=notify\nExecStart=/nowhere/at/all\nWatchdogSec=often\n")
    broken = _analyzed(path)
    if not broken.returncode or "rushes-test.service" not in broken.stderr:
        pytest.skip(f"systemd-analyze does not read a unit here: {broken.stderr.strip()[:200]}")
    assert "often" in broken.stderr

    def call(text: str) -> tuple[int, str]:
        path.write_text(text)
        done = _analyzed(path)
        # It looks at units of the machine, too.
        return done.returncode, "\n".join(line for line in done.stderr.splitlines() if path.name in line)

    return call


@pytest.mark.parametrize("of_user", [True, False])
def test_systemd_takes_the_unit(tmp_path, analyzed, monkeypatch, of_user):
    """It looks for the program, so it has to read its odd path as it was meant."""
    programs, folder = tmp_path / "of 100% $HOME [x] ;", tmp_path / 'a "day" 100% $HOME \\n [x]'
    programs.mkdir()
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(programs / "python"))

    def said() -> tuple[int, str]:
        return analyzed(
            unit(
                folder / "on set.yaml",
                folder / "state",
                of_user=of_user,
                page="127.0.0.1:1",
                variables=["RUSHES_X"],
            )
        )

    status, text = said()
    assert status
    assert f"{programs / 'python'} is not executable" in text
    (programs / "python").symlink_to("/bin/true")
    assert said() == (0, "")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The text of the unit that `pipeline service` writes for a file, and what it says."""
    for name in [name for name in os.environ if name.startswith("RUSHES_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "onset.yaml"
    file.write_text(
        f"pipeline: on set\nstate: ./kept\nsources: [{{id: cards, use: folder, path: {tmp_path / 'cards'}}}]\n"
        "sinks: [{id: hook, use: disk, path: '${RAID:-/tmp}'}]\nroutes: [{id: all, when: true, to: [hook]}]\n"
    )

    def call(*options: str) -> tuple[str, str]:
        out = tmp_path / "x.service"
        result = CliRunner().invoke(
            cli, ["service", str(file), "--out", str(out), *options], prog_name="pipeline"
        )
        assert result.exit_code == 0, result.output
        return out.read_text(), result.stdout

    return call


def test_values_of_variables_are_never_copied(written, tmp_path, monkeypatch):
    text, said = written()
    line = f"EnvironmentFile=-{tmp_path / 'kept.env'}"
    assert line in text.splitlines()
    assert "NAME=value" not in text + said

    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", "hunter22hunter22")
    monkeypatch.setenv("RAID", "/mnt/very-own")
    monkeypatch.setenv("NOT_OURS", "of-no-concern")
    text, said = written()
    assert line in text.splitlines()
    for name in ("RUSHES_FRAMEIO_CLIENT_SECRET", "RAID"):
        assert f"#   {name}" in text.splitlines()
        assert name in said
    assert f"install -m 0600 /dev/null {tmp_path / 'kept.env'}" in said
    for value in ("hunter22", "very-own", "NOT_OURS", "of-no-concern"):
        assert value not in text + said


def test_the_page_of_a_service(written):
    text, _ = written("--page", "127.0.0.1:8710")
    [start] = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert start.endswith('"--page" "127.0.0.1:8710"')
    assert "WantedBy=default.target" in text
    with pytest.raises(AssertionError, match="no port between"):
        written("--page", "anywhere")
