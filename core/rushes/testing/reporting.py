"""A report that watches what a sink tells, and can end a delivery at a chosen part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import trio

from rushes.testing.doubles import FakeReport
from rushes.testing.promises import broken


class WatchedReport(FakeReport):
    """As FakeReport; `at_part` is called once a part is durable, `at_proceed` before one, with its number so far.

    `wrongs` are broken promises; `told` all that was ever said, in order.
    """

    def __init__(
        self,
        *,
        at_part: Callable[[int], None] | None = None,
        at_proceed: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__()
        self.wrongs: list[str] = []
        self.at_part = at_part
        self.at_proceed = at_proceed
        self._sent = 0

    async def begin(self, head: Mapping[str, Any], /) -> None:
        if self.parts:
            self.wrongs.append(
                f"began anew although {len(self.parts)} parts of the same bytes were reported; they are sent twice"
            )
        try:
            await super().begin(head)
        except (TypeError, ValueError) as error:
            self.wrongs.append(f"began with a head that is no JSON: {error}")
            raise

    async def proceed(self) -> None:
        await super().proceed()
        if self.at_proceed:
            self.at_proceed(self.proceeded)
            await trio.lowlevel.checkpoint()

    async def part(self, number: int, value: Any = "", /) -> None:
        if self.head is None:
            self.wrongs.append("reported a part before it had begun; the head says what the parts are of")
        if number in self.parts:
            self.wrongs.append(f"sent part {number} twice; a reported part is never sent again")
        if not isinstance(value, str):
            self.wrongs.append(f"reported part {number} with {value!r}; the value of a part is text")
        await super().part(number, value)
        self._sent += 1
        if self._sent > self.proceeded:
            self.wrongs.append(
                "sent a part without report.proceed(); a pipeline that drains could not stop it"
            )
        if self.at_part:
            self.at_part(self._sent)
            await trio.lowlevel.checkpoint()

    def judge(self, doing: str) -> None:
        """Fail with the first wrong."""
        if self.wrongs:
            broken(f"{doing} {self.wrongs[0]}")
