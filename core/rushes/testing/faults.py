"""A far side that fails as seeded dice say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from random import Random
from typing import Any

#: Makes the far side fail while it is held, in a way that the dice choose.
Fail = Callable[[Random], AbstractContextManager[Any] | AbstractAsyncContextManager[Any]]

#: Real seconds that a call may try on in a world that fails; then it is cancelled, as by a person.
FAULTY_S = 2.0


@asynccontextmanager
async def failing(fail: Fail, seed: int) -> AsyncIterator[None]:
    """Hold what the author's hook gives, be it a context manager or an async one."""
    held = fail(Random(seed))
    if isinstance(held, AbstractAsyncContextManager):
        async with held:
            yield
    else:
        with held:
            yield
