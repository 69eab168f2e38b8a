"""The action `conflicts`: what was said of one clip in two ways, until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, NotFound, Permanent, Tell, Unavailable
from rushes_masterlockit.actions.reading import repository_of

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.repository import Repository
    from rushes_masterlockit.source import MasterlockitSource


async def conflicts(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`conflicts`: each with clip, name, path, kept, lost, at, editorial. `settle` names clips (ids or names, or "all")
    whose conflicts a person has looked at; they are forgotten. Raises Unavailable where that cannot be written,
    NotFound for a clip without any.
    """
    running = part is not None and part.repository is not None
    repository = await repository_of(options, context, part)
    if settled := arguments.get("settle"):
        if not running:
            raise Unavailable(
                "conflicts are settled in the running pipeline; start it with: pipeline run FILE"
            )
        ids = None if settled == "all" else [_disputed(repository, said) for said in settled.split(",")]
        await repository.settle(ids)
    return {"conflicts": repository.conflicts()}


def _disputed(repository: Repository, said: str) -> str:
    """The id of the clip that a person means."""
    known = repository.conflicts()
    found = sorted({str(one["clip"]) for one in known if said in {one["clip"], one["name"]}})
    if len(found) > 1:
        raise Permanent(f"{len(found)} clips are called {said}; give the id: {', '.join(found)}")
    if not found:
        raise NotFound(
            f"no conflict of {said or 'a clip without a name'}; see: pipeline masterlockit conflicts FILE"
        )
    return found[0]
