"""Which values of a component's options are secrets, or hold one; which are paths."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from rushes.config.document import Entries, Items, Node, Scalar
from rushes.config.types import ByReference

#: Whether a value of that annotation, with that metadata, is one of those looked for.
Wanted = Callable[[Any, Sequence[Any]], bool]

#: `https://USER:PASSWORD@HOST`.
_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s:@]*:([^/?#\s@]+)@")
_SECRET = re.compile(r"secret|token|passw|credential|api_?key", re.IGNORECASE)


def scalars_of(node: Node, key: str = "") -> Iterator[tuple[str, Scalar]]:
    """The values in a node, each with the key that it stands under."""
    if isinstance(node, Scalar):
        yield key, node
    elif isinstance(node, Items):
        for item in node.items:
            yield from scalars_of(item, key)
    else:
        for name, (_, value) in node.entries.items():
            yield from scalars_of(value, name)


def named_secret(*keys: str) -> bool:
    """Whether one of the unknown keys above a value is called as if it were a secret."""
    return any(_SECRET.search(key) for key in keys)


def password_of(address: str) -> tuple[int, str]:
    """The password in an address and where it begins; "" where there is none."""
    found = _PASSWORD.match(address)
    return (found.start(1), found[1]) if found else (0, "")


def secrets_of(node: Entries, model: type[BaseModel]) -> Iterator[tuple[str, Scalar]]:
    """The values of `rushes.Secret` that are written in this mapping or within it, each with its key."""
    return _of_model(node, model, lambda _, metadata: any(isinstance(each, ByReference) for each in metadata))


def paths_of(node: Entries, model: type[BaseModel]) -> Iterator[tuple[str, Scalar]]:
    """The values that name files or folders, each with its key."""
    return _of_model(node, model, lambda kind, _: isinstance(kind, type) and issubclass(kind, PurePath))


def _of_model(node: Entries, model: type[BaseModel], wanted: Wanted) -> Iterator[tuple[str, Scalar]]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        if (value := node.get(key)) is not None:
            yield from _within(key, value, field.annotation, field.metadata, wanted)


def _within(
    key: str, node: Node, annotation: Any, metadata: Sequence[Any], wanted: Wanted
) -> Iterator[tuple[str, Scalar]]:
    origin, arms = get_origin(annotation), get_args(annotation)
    if isinstance(node, Scalar):
        if node.value is not None and wanted(annotation, metadata):
            yield key, node
            return
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(node, Entries):
        yield from _of_model(node, annotation, wanted)
    elif isinstance(node, Items) and arms and origin not in {Annotated, Union, types.UnionType}:
        for item in node.items:
            yield from _within(key, item, arms[0], (), wanted)
    elif isinstance(node, Entries) and len(arms) == 2 and origin not in {Annotated, Union, types.UnionType}:
        for name, (_, value) in node.entries.items():
            yield from _within(name, value, arms[1], (), wanted)
    if origin is Annotated:
        yield from _within(key, node, arms[0], arms[1:], wanted)
    elif origin in {Union, types.UnionType}:
        for arm in arms:
            yield from _within(key, node, arm, (), wanted)
