"""Who may use the page: browsers that signed in, and programs with a token.

A secret is 256 random bits of which only the SHA-256 is kept, in the state folder: who reads that file, or a
backup of it, cannot sign in with it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import trio

from rushes.errors import RushesError
from rushes.page.keeping import FOLDER, write_private

FILE_NAME = "sessions.json"
VERSION = 1
#: Of a browser; a token is good until all are forgotten, or another takes its name.
UNUSED_S = 30 * 86400.0
#: How old the stored moment of last use may be.
NOTED_S = 3600.0
MOST_BROWSERS = 200
#: What a secret begins with, so that a leaked one can be recognised.
PREFIX = "rushes_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """`name` is that of a program, "" for a browser; moments are epoch seconds."""

    hash: str
    name: str = ""
    writes: bool = True
    made: float
    used: float

    @property
    def browser(self) -> bool:
        return not self.name


class Sessions:
    """All sessions of one pipeline. Every change is on disk before it counts."""

    def __init__(self, state: Path, now: Callable[[], float]) -> None:
        """Raises RushesError where the file cannot be used."""
        self._path = state / FOLDER / FILE_NAME
        self._now = now
        self._changing = trio.Lock()
        self._sessions = {session.hash: session for session in self._read()}
        self._answering: dict[str, set[trio.CancelScope]] = {}

    async def enter(self) -> str:
        """The secret of a new browser."""
        secret, session = self._new()
        async with self._changing:
            kept = [known for known in self._sessions.values() if self._fresh(known)]
            browsers = sorted((known for known in kept if known.browser), key=lambda known: known.used)
            dropped = browsers[: max(0, len(browsers) + 1 - MOST_BROWSERS)]
            await self._store([*(known for known in kept if known not in dropped), session])
        return secret

    async def mint(self, name: str, *, writes: bool) -> str:
        """The token of a program; the one that had its name is good no longer. It reads only, unless it `writes`."""
        secret, session = self._new(name, writes=writes)
        async with self._changing:
            await self._store([*(known for known in self._sessions.values() if known.name != name), session])
        return secret

    async def leave(self, session: Session) -> None:
        """End one session, and what it is being answered."""
        async with self._changing:
            await self._store(known for known in self._sessions.values() if known.hash != session.hash)

    async def forget(self) -> int:
        """End all, those of programs too, and what they are being answered; how many there were."""
        async with self._changing:
            number = len(self._sessions)
            await self._store(())
        return number

    @contextmanager
    def using(self, session: Session) -> Iterator[trio.CancelScope]:
        """Around an answer: cancelled when the session ends, at once where it has ended already."""
        scopes = self._answering.setdefault(session.hash, set())
        with trio.CancelScope() as scope:
            scopes.add(scope)
            if session.hash not in self._sessions:  # while the body of its request came in
                scope.cancel()
            try:
                yield scope
            finally:
                scopes.discard(scope)
                if not scopes:
                    self._answering.pop(session.hash, None)

    def find(self, secret: str) -> Session | None:
        """Whose secret that is, None where it is nobody's, or was not used for too long."""
        session = self._sessions.get(_hash(secret))
        return session if session is not None and self._fresh(session) else None

    async def note(self, session: Session) -> None:
        """Remember that it was used just now, roughly. Raises RushesError where that cannot be written."""
        now = self._now()
        if now - session.used < NOTED_S:
            return
        async with self._changing:
            known = self._sessions.get(session.hash)
            if known is not None and now - known.used >= NOTED_S:  # nobody was quicker
                await self._store({**self._sessions, session.hash: replace(known, used=now)}.values())

    def _fresh(self, session: Session) -> bool:
        return not session.browser or self._now() - session.used < UNUSED_S

    def _new(self, name: str = "", *, writes: bool = True) -> tuple[str, Session]:
        secret, now = PREFIX + secrets.token_urlsafe(32), self._now()
        return secret, Session(hash=_hash(secret), name=name, writes=writes, made=now, used=now)

    async def _store(self, sessions: Iterable[Session]) -> None:
        wanted = {session.hash: session for session in sessions}
        document = {"version": VERSION, "sessions": [asdict(session) for session in wanted.values()]}
        try:
            await trio.to_thread.run_sync(write_private, self._path, json.dumps(document, indent=1).encode())
        except OSError as error:
            fact = f"cannot be written ({error.strerror})"
            raise RushesError(f"{self._path}: {fact}; free some space there, or correct its owner") from error
        self._sessions = wanted
        for ended in self._answering.keys() - wanted.keys():
            for scope in self._answering[ended]:
                scope.cancel()

    def _read(self) -> list[Session]:
        remedy = "remove it: everybody signs in again"
        try:
            document: Any = json.loads(self._path.read_bytes())
            if document["version"] != VERSION:
                raise RushesError(f"{self._path}: was written by another version of rushes; {remedy}")
            return [Session(**told) for told in document["sessions"]]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RushesError(
                f"{self._path}: cannot be read ({error.strerror}); correct its owner"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RushesError(f"{self._path}: is damaged; {remedy}") from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
