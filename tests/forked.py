"""Processes of `pipeline` that are forks of one that has imported everything already: half a second of CPU less each.

Each is a process as any other: a session, an environment, a folder and files of its own; signals end it, nothing is
shared. What differs is that nothing was imported on its account. The whole of a start have those that

- are behind another command (`setpriv`, `ip netns`);
- have a variable of their own that Python or the C library reads at start, or a `sitecustomize` of their own;
- a test starts by itself: the demo, terminals, what is killed at any moment;
- run where `FRESH_STARTS` is in the environment: all of them.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import rushes_sandbox.stage
from rushes_sandbox.stage import Process, Stage

#: What starts a pipeline; only the words that follow it are another's.
_PLAIN = rushes_sandbox.stage._PIPELINE
#: Variables with these beginnings are read when a process starts, or are meant for libraries that then load.
_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "TZ", "MALLOC_", "OPENSSL_", "COVERAGE_")
#: A request: arguments, environment and folder. Environments have a few KiB.
_MOST = 128 * 1024
_SERVE = (
    "import sys; sys.path.insert(0, {here!r})\n"
    "from forked import ending, serve\n"
    "sys.path.remove({here!r}); sys.argv[1:] = serve({end})\n"
    "with ending():\n"
    "    from rushes.cli import main; main()"
)


class QuickStage(Stage):
    """A stage whose processes start quickly where that is the same."""

    def start(self, *arguments: str, name: str) -> Process:
        command = self.command(arguments)
        if command != (*_PLAIN, *arguments) or "FRESH_STARTS" in os.environ:
            return super().start(*arguments, name=name)
        if _read_at_start(self.env) != _origin().read_at_start or _modules(self.env) is None:
            return super().start(*arguments, name=name)
        number = f"{len(self._processes):02}"
        with rushes_sandbox.stage._undisturbed():
            process = Forked(arguments, logs=self.logs, name=f"{number}-{name}", env=self.env)
            self._processes.append(process)
        return process


class Forked(Process):
    def __init__(self, arguments: tuple[str, ...], *, logs: Path, name: str, env: Mapping[str, str]) -> None:
        self.name = name
        self.out, self.err = logs / f"{name}.out", logs / f"{name}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._child = _origin().fork(arguments, env, out.fileno(), err.fileno())


class Child:
    """What `subprocess.Popen` has of a child, of a child of another process."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def __del__(self) -> None:
        os.close(self._ended)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            said = select.poll()
            said.register(self._ended, select.POLLIN)
            if not said.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"pipeline, process {self.pid}", timeout or 0)
            # It says nothing only where the origin is no more: nobody knows then how this one ended.
            self.returncode = int(os.read(self._ended, 20) or -signal.SIGKILL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Origin:
    """The process that has imported everything. It ends with this one; what it forked does not."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        here = str(Path(__file__).parent)
        serve = _SERVE.format(here=here, end=theirs.fileno())
        # The same beginning as `_PLAIN`: the program is told by -c, and has no file.
        self._process = subprocess.Popen(
            [sys.executable, "-c", serve], pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self.read_at_start = _read_at_start(os.environ)
        self._ours = ours
        self._one_at_a_time = threading.Lock()
        atexit.register(self.end)

    def end(self) -> None:
        self._ours.close()
        self._process.wait()

    def fork(self, arguments: tuple[str, ...], env: Mapping[str, str], out: int, err: int) -> Child:
        ended, ending = os.pipe()
        request = json.dumps([arguments, dict(env), str(Path.cwd())]).encode()
        assert len(request) < _MOST
        try:
            with self._one_at_a_time:
                socket.send_fds(self._ours, [request], [out, err, ending])
                answer = self._ours.recv(20)
        finally:
            os.close(ending)
        assert answer, "nothing forks any more; what ended it is in the output of the tests"
        return Child(int(answer), ended)


@cache
def _origin() -> Origin:
    return Origin()


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_AT_START) and name != "PYTHONPATH"}


def _modules(env: Mapping[str, str]) -> list[str] | None:
    """Folders with modules besides those that this was started with; None where a fork is too late for them."""
    ours, theirs = (each.get("PYTHONPATH", "") for each in (os.environ, env))
    if not theirs.endswith(ours):
        return None
    folders = [folder for folder in theirs.removesuffix(ours).split(os.pathsep) if folder]
    late = any(Path(folder, "sitecustomize.py").exists() for folder in folders)
    return None if late else folders


# -- the origin ----------------------------------------------------------------------------------------------


def serve(end: int) -> list[str]:
    """Fork for each request: returns the arguments in each child; ends when nobody can ask any more."""
    _import_everything()
    gc.freeze()
    requests = socket.socket(fileno=end)
    ended: dict[int, tuple[int, int]] = {}
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    while True:
        for ready, _event in poll.poll():
            if ready != requests.fileno():
                pid, ending = ended.pop(ready)
                poll.unregister(ready)
                os.close(ready)
                _, status = os.waitpid(pid, 0)
                with contextlib.suppress(BrokenPipeError):
                    os.write(ending, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(ending)
                continue
            request, passed, _flags, _address = socket.recv_fds(requests, _MOST, 3)
            if not request:
                os._exit(0)
            out, err, ending = passed
            arguments, env, folder = json.loads(request)
            if not (pid := os.fork()):
                os.setsid()
                for pidfd, (_pid, its_ending) in ended.items():
                    os.close(pidfd)
                    os.close(its_ending)
                # By itself and now: who hears of it may end its session.
                requests.send(str(os.getpid()).encode())
                requests.close()
                os.close(ending)
                _become(env, folder, out, err)
                return list(arguments)
            pidfd = os.pidfd_open(pid)
            ended[pidfd] = (pid, ending)
            poll.register(pidfd, select.POLLIN)
            os.close(out)
            os.close(err)


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """End as a process does that was told to, but do not take apart what is not its own: that costs 0.2 s."""
    try:
        yield
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(end.code or 0)


def _become(env: Mapping[str, str], folder: str, out: int, err: int) -> None:
    for there, wanted in ((out, 1), (err, 2)):
        os.dup2(there, wanted)
        os.close(there)
    os.chdir(folder)
    sys.path[1:1] = _modules(env) or []
    for name in os.environ.keys() - env.keys():
        del os.environ[name]
    os.environ.update(env)


def _import_everything() -> None:
    import rushes

    packages = [rushes]
    for found in pkgutil.iter_modules():
        if found.name.startswith("rushes_") and found.ispkg:
            packages.append(importlib.import_module(found.name))
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    # A thread would not be there after a fork, and what it holds would be held for ever.
    alone = len(list(Path("/proc/self/task").iterdir()))
    if alone != 1:
        raise RuntimeError(f"importing everything has started {alone - 1} threads: {threading.enumerate()}")
