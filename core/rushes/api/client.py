"""The other end: a verb asks a running pipeline. Blocking, standard library only: `status` is instant."""

from __future__ import annotations

import json
import os
import select
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

from rushes.api.address import find
from rushes.api.wire import encode, revive
from rushes.errors import RushesError

PATIENCE_S = 30.0
#: Fifty thousand jobs that follow other rules take half a minute.
RELOAD_S = 600.0
#: Jobs asked for at once: as many as the API gives.
PAGE = 5000

#: As they will run, or in the order in which they came.
Order = Literal["queue", "oldest"]
HEARD_S = 1.0


class _Attentive(socket.socket):
    """Hears Ctrl-C also when it comes just before the kernel begins to wait: Python looks at it HEARD_S later."""

    def recv_into(self, *arguments: Any) -> int:
        while self.gettimeout() is None and not select.select([self], [], [], HEARD_S)[0]:
            pass
        return super().recv_into(*arguments)


class _Connection(HTTPConnection):
    def __init__(self, path: Path, timeout: float | None) -> None:
        super().__init__("pipeline", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = _Attentive(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


class Client:
    """The documents of a running pipeline. Every call raises what the pipeline answered, as RushesError."""

    runs = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self) -> dict[str, Any]:
        """The document of `/v1/status`."""
        return self._ask("GET", "/v1/status")

    def jobs(self, states: Collection[str] = (), *, order: Order = "oldest") -> dict[str, Any]:
        """As `/v1/jobs`, of all pages."""

        def page(order: str, after: str) -> dict[str, Any]:
            query = {"state": ",".join(states), "order": order, "limit": str(PAGE), "after": after}
            return self._ask("GET", "/v1/jobs", query=query)

        return every_job(page, order)

    def clip(self, ref: str) -> dict[str, Any]:
        """The document of `/v1/clips/named`."""
        return self._ask("GET", "/v1/clips/named", query={"ref": ref})

    def devices(self) -> dict[str, Any]:
        """The document of `/v1/devices`."""
        return self._ask("GET", "/v1/devices")

    def cards(self) -> dict[str, Any]:
        """The document of `/v1/cards`."""
        return self._ask("GET", "/v1/cards")

    def days(self) -> dict[str, Any]:
        """The document of `/v1/reports`."""
        return self._ask("GET", "/v1/reports")

    def day(self, wanted: str = "") -> dict[str, Any]:
        """The document of `/v1/reports/{day}`; of the last where none is named. Raises NotFound."""
        return self._ask("GET", f"/v1/reports/{quote(wanted or 'last', safe='')}")

    def named_like(self, said: str, most: int) -> dict[str, Any]:
        """The document of `/v1/clips` whose names have that part, the newest first."""
        return self._ask("GET", "/v1/clips", query={"q": said, "limit": str(most), "sort": "newest"})

    def some_jobs(self, states: Collection[str], said: str, most: int) -> dict[str, Any]:
        """The first page of `/v1/jobs` in those states, by the start of an id or a part of a name."""
        query = {"state": ",".join(states), "q": said, "limit": str(most)}
        return self._ask("GET", "/v1/jobs", query=query)

    def queue(self, verb: str, ids: Sequence[str], *, all: bool = False) -> dict[str, Any]:  # noqa: A002 - the API's word
        """Do one of VERBS to jobs."""
        return self._ask("POST", f"/v1/jobs/{quote(verb, safe='')}", {"ids": list(ids), "all": all})

    def add(self, clip: str, sink: str, route: str = "") -> dict[str, Any]:
        """Send a clip to a sink, as a route does."""
        return self._ask("POST", "/v1/queue/add", {"clip": clip, "sink": sink, "route": route})

    def switch(self, word: str, names: Sequence[str]) -> dict[str, Any]:
        """Do one of the switch words to sinks or routes."""
        return self._ask("POST", f"/v1/switches/{quote(word, safe='')}", {"names": list(names)})

    def history(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """What rules (those of a pipeline's document) make of all clips that were ever seen."""
        return self._ask("POST", "/v1/history", rules)

    def reload(self) -> dict[str, Any]:
        """Read the pipeline's file again, now; what changed and what was done about it."""
        return self._ask("POST", "/v1/reload", patience=RELOAD_S)

    def link(self, minutes: int) -> dict[str, Any]:
        """The document of `/v1/links`: a one-time link to the page. Raises NotFound where it runs without."""
        return self._ask("POST", "/v1/links", {"minutes": minutes})

    def token(self, name: str, *, write: bool) -> dict[str, Any]:
        """The document of `/v1/tokens`: a program's token for the page. Raises NotFound as `link`."""
        return self._ask("POST", "/v1/tokens", {"name": name, "write": write})

    def forget(self) -> dict[str, Any]:
        """End all sessions of the page. Raises NotFound as `link`."""
        return self._ask("POST", "/v1/sessions/forget")

    def act(
        self,
        component: str,
        action: str,
        arguments: Mapping[str, str],
        tell: Callable[[Mapping[str, Any]], None],
    ) -> dict[str, Any]:
        """Ask a component; `tell` gets each fact as it comes. Waits as long as the action takes."""
        path = f"/v1/components/{quote(component, safe='')}/{quote(action, safe='')}"
        with self._answer("POST", path, dict(arguments), timeout=None) as response:
            while line := _read(response.readline):
                document = json.loads(line)
                if "tell" in document:
                    tell(document["tell"])
                elif "result" in document:
                    return dict(document["result"])
                else:
                    raise revive(document)
        raise RushesError(f"the pipeline stopped before {component} had answered; start it and ask again")

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        patience: float = PATIENCE_S,
    ) -> dict[str, Any]:
        # What is not UTF-8 is refused by name, not here.
        told = urlencode(query, errors="surrogateescape") if query else ""
        with self._answer(method, f"{path}?{told}" if told else path, body, timeout=patience) as response:
            document: dict[str, Any] = json.loads(_read(response.read))
            if response.status != 200:
                raise revive(document)
            return document

    @contextmanager
    def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, timeout: float | None
    ) -> Iterator[HTTPResponse]:
        connection = _Connection(self._path, timeout)
        headers = {"Connection": "close", "Content-Type": "application/json"}
        try:
            with _spoken():
                connection.request(method, path, None if body is None else encode(body), headers)
                response = connection.getresponse()
            with response:
                yield response
        finally:
            connection.close()


def _read(read: Callable[[], bytes]) -> bytes:
    with _spoken():
        return read()


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn what the socket raises into one line."""
    try:
        yield
    except TimeoutError as error:
        raise RushesError("the pipeline has not answered in time; see its log") from error
    except (OSError, HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise RushesError(f"the pipeline went away while it was asked ({reason}); start it again") from error


def every_job(
    page: Callable[[Literal["queue", "newest"], str], Mapping[str, Any]], order: Order
) -> dict[str, Any]:
    """The document of all pages of jobs; `page` asks for one by the API's order and what the page before gave."""
    jobs: dict[str, Any] = {}
    after: str | None = ""
    while after is not None:
        document = page("queue" if order == "queue" else "newest", after)
        # While it was asked, one may have moved behind the place where the next page begins.
        jobs |= {job["id"]: job for job in document["jobs"]}
        after = document["after"]
    every = list(jobs.values())
    return {"jobs": every if order == "queue" else every[::-1], "facets": document["facets"]}


def connect(state: Path) -> Client | None:
    """A client of the pipeline that runs on this state folder, None where none does."""
    path = find(state)
    return None if path is None else Client(path)
