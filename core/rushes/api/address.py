"""Where a running pipeline listens: its Unix socket, and the note in the state folder that names it.

The socket's path depends on the environment (`$XDG_RUNTIME_DIR` differs between a desktop session and a
service), so the pipeline leaves a note beside its ledger; a verb reads it, never guesses. Light to import.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rushes.errors import RushesError

NOTE = "listening.json"


@contextmanager
def listening(path: Path, state: Path) -> Iterator[socket.socket]:
    """A listening socket of mode 0600 at `path`, named in `state`; both are gone afterwards.

    Its folder is there and private (`Settings.socket_path`). A stale socket is replaced in one rename,
    so no other mode is ever seen. Raises RushesError where another pipeline answers, or nothing can be bound.
    """
    if _answers(path):
        raise RushesError(f"{path}: another pipeline listens there; stop it first")
    new = path.with_name(path.name + ".new")
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            new.unlink(missing_ok=True)
            sock.bind(os.fspath(new))
        except OSError as error:
            remedy = "set RUSHES_RUNTIME_DIR to a short folder of yours"
            raise RushesError(f"{path}: cannot listen there ({error.strerror or error}); {remedy}") from error
        new.chmod(0o600)
        sock.listen(64)
        sock.setblocking(False)
        mine = new.stat().st_ino
        new.replace(path)
        note = state / NOTE
        _write(note, {"socket": os.fspath(path), "state": os.fspath(state.resolve())})
        try:
            yield sock
        finally:
            with suppress(FileNotFoundError):
                if path.stat().st_ino == mine:
                    path.unlink()
                    note.unlink()


def find(state: Path) -> Path | None:
    """The socket of the pipeline that runs on this state folder, None where none answers."""
    try:
        note = json.loads((state / NOTE).read_bytes())
        path = Path(note["socket"])
        own = note["state"] == os.fspath(state.resolve())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A state folder that was copied carries the note of its original.
    return path if own and _answers(path) else None


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(2)
        try:
            sock.connect(os.fspath(path))
        except TimeoutError:
            return True  # its backlog is full: busy, not gone
        except OSError:
            return False
    return True


def _write(note: Path, document: dict[str, str]) -> None:
    new = note.with_suffix(".new")
    new.write_text(json.dumps(document))
    new.replace(note)
