"""The action `conflicts`: what was said of one clip in two ways, until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, Tell, Unavailable
from rushes_masterlockit.actions.reading import repository_of

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource


async def conflicts(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`conflicts`: each with clip, name, path, kept, lost, at, editorial. `settle` names clips (ids or "all")
    whose conflicts a person has looked at; they are forgotten. Raises Unavailable where that cannot be written.
    """
    running = part is not None and part.repository is not None
    repository = await repository_of(options, context, part)
    if settled := arguments.get("settle"):
        if not running:
            raise Unavailable(
                "conflicts are settled in the running pipeline; start it with: pipeline run FILE"
            )
        ids = None if settled == "all" else settled.split(",")
        await repository.settle(ids)
    return {"conflicts": repository.conflicts()}
