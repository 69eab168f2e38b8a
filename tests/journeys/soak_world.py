"""What goes wrong around a pipeline on a bad day: a schedule of troubles that a seed makes the same again."""

from __future__ import annotations

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from journeys.frameio.live import Live, Service
from rushes import RushesError

API = ("GET /v2", "POST /v2", "GET /health", "GET /devices/websocket")
ASSETS = "POST /v2/devices/assets"
#: Of parts: nothing that would rightly park a clip for good.
PART_FAULTS = (
    {"delay_s": 0.5},
    {"rate": 150_000},
    {"reset": True},
    {"cut_after": 5000},
    {"cut_after": 60_000},
    {"swallow_answer": True},
    {"status": 502, "html": True},
    {"html": True},
    {"code": "SlowDown"},
    {"code": "InternalError"},
    {"code": "RequestTimeout"},
    {"code": "OperationAborted"},
    {"code": "ServiceUnavailable"},
    {"code": "BadDigest"},
    {"expired": True},
)
CALL_FAULTS = (
    {"delay_s": 1.0},
    {"reset": True},
    {"swallow_answer": True},
    {"html": True},
    {"status": 404, "html": True},
    {"status": 401},
    {"status": 408},
    {"status": 429, "retry_after": 1},
    {"status": 429},
    {"status": 500},
    {"status": 503, "html": True},
)


class World:
    """Things happen when `turn` is called, at their time. Everything is well again after `calm`."""

    def __init__(self, service: Service, live: Live, seconds: float, seed: int) -> None:
        self.happened: Counter[str] = Counter()
        #: When the project was paused for certain, in seconds since the epoch: from, to.
        self.pauses: list[tuple[float, float]] = []
        self._paused_at: float | None = None
        self._service, self._live = service, live
        self._chance = random.Random(seed)
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._end = time.monotonic() + seconds
        self._down = self._stuck = False
        kinds = {
            self._parts: 2.0, self._calls: 3.0, self._token: 11.0, self._sockets: 9.0, self._cut: 17.0,
            self._restart: 14.0, self._portal: 19.0, self._hole: 16.0, self._pause: 15.0, self._rename: 23.0,
        }  # fmt: skip
        for happen, every in kinds.items():
            self._plan(happen, every)

    def turn(self) -> None:
        """Let happen what is due."""
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()

    @property
    def reachable(self) -> bool:
        """Whether a person could pair the device now."""
        return not (self._down or self._stuck)

    def calm(self) -> None:
        """All is well: from now on nothing happens."""
        self._due.clear()
        if self._down:
            self._service.back()
            self._down = False
        self._heal()
        self._service.order("sockets", blocked=False)
        if self._paused_at is not None:
            self._resume()

    def _plan(self, happen: Callable[[], None], every: float) -> None:
        """Again and again, `every` so many seconds on average; not while the service is not there."""

        def happens() -> None:
            if not self._down and not self._stuck:
                self.happened[happen.__name__.strip("_")] += 1
                happen()
            plan()

        def plan() -> None:
            wait = self._chance.uniform(0.3, 1.7) * every
            if time.monotonic() + wait < self._end:
                self._after(wait, happens)

        plan()

    def _after(self, seconds: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), happen))

    def _parts(self) -> None:
        fault = self._chance.choice(PART_FAULTS)
        share = 0.02 if fault.keys() & {"expired", "code"} else self._chance.uniform(0.05, 0.3)
        self._service.fault(
            "PUT ", times=self._chance.randint(2, 12), share=share, seed=self._seed(), **fault
        )

    def _calls(self) -> None:
        match = self._chance.choice((ASSETS, ASSETS, *API))
        self._service.fault(match, times=self._chance.randint(1, 3), **self._chance.choice(CALL_FAULTS))

    def _token(self) -> None:
        self._service.order("revoke", device=self._live.device, what="access")

    def _sockets(self) -> None:
        trouble = self._chance.choice(
            [{"close": True}, {"blocked": "reset"}, {"blocked": "html"}]
            + [{"events": kind, "times": 3} for kind in ("drop", "duplicate", "reorder")]
        )
        self._service.order("sockets", **trouble)
        self._after(self._chance.uniform(1, 5), self._unblock)

    def _unblock(self) -> None:
        if self._down:
            self._after(1.0, self._unblock)
        else:
            self._service.order("sockets", blocked=False)

    def _cut(self) -> None:
        self._service.cut()
        self._down = True
        self._after(self._chance.uniform(0.2, 4), self._back)

    def _back(self) -> None:
        self._service.back()
        self._down = False

    def _restart(self) -> None:
        self._service.restart()

    def _portal(self) -> None:
        self._service.fault(*API, "PUT ", html=True)
        self._after(self._chance.uniform(0.5, 4), self._heal)

    def _hole(self) -> None:
        self._stuck = True
        self._service.fault(*API, "PUT ", hang=True)
        self._after(self._chance.uniform(0.5, 4), self._heal)

    def _heal(self) -> None:
        self._stuck = False
        if not self._down:  # else they are forgotten already
            self._service.sandbox.clear()

    def _pause(self) -> None:
        if self._paused_at is None:
            self._service.order("pause", device=self._live.device)
            self._paused_at = time.time()
            self._after(self._chance.uniform(4, 12), self._resume_soon)

    def _resume_soon(self) -> None:
        if self._down:
            self._after(0.5, self._resume_soon)
        else:
            self._resume()

    def _resume(self) -> None:
        assert self._paused_at is not None
        self.pauses.append((self._paused_at, time.time()))
        self._service.order("resume", device=self._live.device)
        self._paused_at = None

    def _rename(self) -> None:
        self._service.order("rename", name=f"Project {self.happened['rename']}")

    def _seed(self) -> int:
        return self._chance.randrange(1000)


def pair_again(live: Live) -> bool:
    """What a person does who reads "not paired"; whether the device was paired."""
    with suppress(RushesError, AssertionError):
        if live.facts.get("connection") == "not authorised":
            return live.client.act("frameio", "pair", {}, live.confirm)["connection"] == "connected"
    return False
