"""Folders that must lie apart: what is written and what is watched, and what two sources watch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from rushes.config.pipeline import Component


def watched_twice(sources: tuple[Component, ...]) -> Iterator[str]:
    """Remarks about sources that find the same files."""
    for one, other in combinations(sources, 2):
        for first in folders_of(one):
            for second in folders_of(other):
                pair = f"sources '{one.id}' and '{other.id}'"
                inner, outer = (second, first) if lies_in(second, first) else (first, second)
                if not lies_in(inner, outer):
                    continue
                if lies_in(outer, inner):
                    yield f"{pair} watch the same folder, {first}: all is read twice for nothing; name it once"
                    continue
                fact = f"{inner} lies in {outer}: its files may become two clips, of cards of two names"
                yield f"{pair} meet: {fact}; exclude it from the outer one, or name it once"


def not_there(sources: tuple[Component, ...]) -> Iterator[str]:
    """Remarks about sources whose `path` does not exist."""
    for source in sources:
        path = getattr(source.options, "path", None)
        if isinstance(path, Path) and not os.path.exists(path):  # noqa: PTH110 - as below
            yield f"source '{source.id}': {path} does not exist: nothing is read until it is mounted"


def written_into(
    sources: tuple[Component, ...], targets: tuple[Component, ...], state: Path
) -> Iterator[tuple[Component | None, str]]:
    """What is written and lies in a watched folder, which would be admitted again without end: the component, None
    for the state folder, and what is wrong.
    """
    for source in sources:
        for watched in folders_of(source):
            why = f"lies in {watched}, which source '{source.id}' watches; move one"
            if lies_in(state, watched):
                yield None, f"state: {state} {why}"
            for each in targets:
                for target in folders_of(each):
                    if lies_in(target, watched):
                        yield each, f"{each.kind} '{each.id}': {target} {why}"


def in_the_way(path: Path) -> Path | None:
    """The file where a folder should be: the path itself, or one above it."""
    return next((each for each in (path, *path.parents) if _is_file(each)), None)


def folders_of(component: Component) -> list[Path]:
    """The paths among a component's options, files apart."""
    values = (getattr(component.options, name) for name in type(component.options).model_fields)
    return [value for value in values if isinstance(value, Path) and not _is_file(value)]


def lies_in(path: Path, folder: Path) -> bool:
    """Whether it is the folder, or within it."""
    return path.resolve().is_relative_to(folder.resolve())


def _is_file(path: Path) -> bool:
    """Path's own raises for what may not be looked at."""
    return os.path.isfile(path)  # noqa: PTH113 - see above
