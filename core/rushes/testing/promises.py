"""How the kit judges: one sentence for a broken promise, and what may leave a call."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from rushes.engine.host import NOT_OURS, only_cause
from rushes.errors import RushesError

P = ParamSpec("P")
T = TypeVar("T")


def broken(sentence: str, cause: BaseException | None = None) -> NoReturn:
    """Fail the check: the sentence says which promise is broken, and how."""
    raise AssertionError(sentence) from cause


def demand(kept: object, sentence: str) -> None:
    """Fail with the sentence where a promise is not kept."""
    if not kept:
        broken(sentence)


def kind_of(failure: BaseException) -> str:
    """A failure in a few words, on one line."""
    text = " ".join(str(failure).split())
    return f"{type(failure).__name__}: {text}" if text else type(failure).__name__


def expected(failure: BaseException, doing: str) -> RushesError:
    """The one RushesError that a failure comes down to; anything else is a bug, told as such."""
    cause = only_cause(failure)
    if isinstance(cause, NOT_OURS):
        raise failure
    if isinstance(cause, AssertionError):
        raise cause
    if not isinstance(cause, RushesError):
        broken(
            f"{doing} raised {kind_of(cause)}; only the errors of rushes.errors may leave a component, anything "
            "else is a bug that parks the step",
            cause,
        )
    demand(
        "\n" not in str(cause).strip() and str(cause).strip(),
        f"{doing} raised {type(cause).__name__} with {str(cause)!r}; an error is one line: thing, fact, remedy",
    )
    return cause


@contextmanager
def works(doing: str) -> Iterator[None]:
    """Inside nothing may fail: the world is whole."""
    try:
        yield
    except AssertionError:
        raise
    except (Exception, BaseExceptionGroup, SystemExit) as failure:  # noqa: BLE001 - whatever it is, it is told
        cause = expected(failure, doing)
        broken(f"{doing} failed although nothing was wrong: {kind_of(cause)}", cause)


def judged(check: Callable[P, Awaitable[None]]) -> Callable[P, Coroutine[Any, Any, None]]:
    """A check that lets out what happened alone, without the groups of the component's nurseries around it."""

    @wraps(check)
    async def alone(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await check(*args, **kwargs)
        except BaseExceptionGroup as group:
            cause = only_cause(group)
            if isinstance(cause, AssertionError) or not isinstance(cause, Exception):
                raise cause from cause.__cause__
            broken(f"a task of the component raised {kind_of(cause)} and ended its life", cause)

    return alone


async def answered(name: str, hook: Callable[P, T | Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """What an author's hook answers, be it a function or an async one; its own failure is told as such."""
    try:
        value = hook(*args, **kwargs)
        return await value if inspect.isawaitable(value) else value
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no failure of the component
        broken(f"the check's own {name}() raised {kind_of(error)}; correct the test", error)
