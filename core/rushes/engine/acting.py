"""What a person asks of a component: its answer, or one failure, whatever the plugin raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rushes.config.pipeline import Component
from rushes.contract import Action, Context, Tell
from rushes.engine.host import NOT_OURS, only_cause
from rushes.errors import RushesError, in_words


async def ask(
    component: Component,
    action: Action[Any, Any],
    context: Context,
    part: Any,
    arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """What the action answers. Raises the RushesError that it raises, and RuntimeError for its bugs."""
    try:
        return await action.run(component.options, context, part, arguments, tell)
    except BaseException as failure:
        cause = only_cause(failure)
        if isinstance(cause, NOT_OURS):
            raise
        if isinstance(cause, RushesError):
            raise cause from cause.__cause__
        raise RuntimeError(f"bug in {component.use}: {in_words(cause)}") from cause
