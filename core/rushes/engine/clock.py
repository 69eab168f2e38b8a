"""Wall time for stored moments; an argument, so that tests may run on trio's virtual clock."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
