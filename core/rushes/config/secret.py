"""Which values of a component's options are secrets."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from rushes.config.document import Entries, Items, Node, Scalar
from rushes.config.types import ByReference


def secrets_of(node: Entries, model: type[BaseModel]) -> Iterator[tuple[str, Scalar]]:
    """The values of `rushes.Secret` that are written in this mapping or within it, each with its key."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        if (value := node.get(key)) is not None:
            yield from _within(key, value, field.annotation, field.metadata)


def _within(key: str, node: Node, annotation: Any, metadata: Sequence[Any]) -> Iterator[tuple[str, Scalar]]:
    origin, arms = get_origin(annotation), get_args(annotation)
    if isinstance(node, Scalar):
        if node.value is not None and any(isinstance(each, ByReference) for each in metadata):
            yield key, node
            return
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(node, Entries):
        yield from secrets_of(node, annotation)
    elif isinstance(node, Items) and arms and origin not in {Annotated, Union, types.UnionType}:
        for item in node.items:
            yield from _within(key, item, arms[0], ())
    elif isinstance(node, Entries) and len(arms) == 2 and origin not in {Annotated, Union, types.UnionType}:
        for name, (_, value) in node.entries.items():
            yield from _within(name, value, arms[1], ())
    if origin is Annotated:
        yield from _within(key, node, arms[0], arms[1:])
    elif origin in {Union, types.UnionType}:
        for arm in arms:
            yield from _within(key, node, arm, ())
