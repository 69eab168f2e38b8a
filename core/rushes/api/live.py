"""The status as it changes, for any number of readers: looked at often, asked for when it may differ, made once."""

from __future__ import annotations

import trio

from rushes.api.control import Control
from rushes.api.wire import encode

#: How often it is looked whether it may differ; looking costs next to nothing.
LOOK_S = 0.05
#: No more often than this is it asked for.
PERIOD_S = 0.25
#: Asking a very large ledger has its price: this is the most of the time that goes into it.
DUTY = 0.1
#: What only time changes (when something that waits goes at last) is seen by then.
AT_LAST_S = 10.0


class LiveStatus:
    """Whoever is the first to see that it may differ asks for all."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._one_at_a_time = trio.Lock()
        self._mark: object = None
        self._told = self._data = b""
        self._version = 0
        self._asked_at = self._not_before = float("-inf")

    async def after(self, version: int | None) -> tuple[int, bytes]:
        """The status as JSON as soon as it is another than that of `version`; None: one of now."""
        called = trio.current_time()
        while True:
            async with self._one_at_a_time:
                if version is None:
                    # One that was asked for while this reader stood in line is of now.
                    if self._asked_at < called:
                        await self._ask()
                    return self._version, self._data
                if self._version == version and self._may_differ():
                    await self._ask()
                if self._version != version:
                    return self._version, self._data
            await trio.sleep(LOOK_S)

    def _may_differ(self) -> bool:
        return self._mark != self._control.mark() or trio.current_time() - self._asked_at >= AT_LAST_S

    async def _ask(self) -> None:
        await trio.sleep_until(self._not_before)
        started, mark = trio.current_time(), self._control.mark()
        try:
            document = dict(await self._control.status())
            now = encode(document.pop("now"))
            told = encode(document)
        finally:
            self._not_before = started + max(PERIOD_S, (trio.current_time() - started) / DUTY)
        # Only now: a reader that has left meanwhile has asked for nobody.
        self._asked_at, self._mark = started, mark
        self._data = told[:-1] + b',"now":' + now + b"}"
        # That time goes by makes no other status.
        if told != self._told:
            self._told = told
            self._version += 1
