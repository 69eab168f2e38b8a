"""A sandbox that runs in another process, spoken to over its own certificate authority."""

from __future__ import annotations

import json
import os
import signal
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rushes import NotFound, RushesError

#: In the state folder while a sandbox runs there: {"url", "ca_file", "pid"}.
RUNNING = "sandbox.json"
_PATIENCE_S = 30


class Remote:
    def __init__(self, url: str, ca_file: str) -> None:
        self.url = url
        self.ca_file = ca_file
        context = ssl.create_default_context(cafile=ca_file)
        # No proxies: it listens on this machine alone.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """The answer's document. NotFound for a 404, RushesError for anything else but success."""
        body = None if document is None else json.dumps(document).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - https alone
        try:
            with self._opener.open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                said = _detail(error.read()) or f"{method} {path}: {error}"
            raise (NotFound if error.code == 404 else RushesError)(f"sandbox: {said}") from error
        except (OSError, ValueError) as error:
            raise RushesError(f"sandbox: {method} {path}: {error}") from error


def _detail(body: bytes) -> str:
    """What an answer in the API's detailed shape says, in a line; empty for any other."""
    try:
        details = [error["detail"] for error in json.loads(body)["errors"]]
    except (ValueError, LookupError, TypeError):
        return ""
    return " ".join("; ".join(map(str, details)).split())


class Running(Remote):
    """The sandbox that runs with a state folder. Raises NotFound where none does."""

    def __init__(self, state: Path) -> None:
        none = f"{state}: no sandbox runs there; start one with `pipeline sandbox --state {state}`"
        self._note = state / RUNNING
        try:
            facts = json.loads(self._note.read_bytes())
            super().__init__(facts["url"], facts["ca_file"])
            self.pid = int(facts["pid"])
            self.ask("GET", "/_sandbox/faults")
        except (OSError, ValueError, LookupError, TypeError, RushesError):
            # A killed one leaves its note.
            raise NotFound(none) from None

    def restart(self) -> None:
        """Let it start again on the same port; returns when it listens. Raises RushesError when it does not."""
        before, until = self._note.stat().st_mtime_ns, time.monotonic() + _PATIENCE_S
        os.kill(self.pid, signal.SIGHUP)
        while not self._note.exists() or self._note.stat().st_mtime_ns == before:
            if time.monotonic() > until:
                raise RushesError(f"sandbox: process {self.pid} did not start again within {_PATIENCE_S} s")
            time.sleep(0.02)


@contextmanager
def noted(state: Path, facts: Mapping[str, Any]) -> Iterator[None]:
    """Let `Running` find a sandbox while the block runs."""
    note, fresh = state / RUNNING, state / f"{RUNNING}.new"
    fresh.write_text(json.dumps(dict(facts)) + "\n", "utf-8")
    fresh.rename(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
