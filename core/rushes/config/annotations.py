"""Options by the annotations of their model: the paths among them, and the keys that may stand within one."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def absolute(data: Mapping[str, Any], model: type[BaseModel], folder: Path) -> dict[str, Any]:
    """Plain data for a model, whose paths start at `folder`."""
    annotations = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {key: _absolute(value, annotations.get(key), folder) for key, value in data.items()}


def _absolute(value: Any, annotation: Any, folder: Path) -> Any:
    """The value with relative paths joined to `folder`, wherever its annotation says it holds paths."""
    origin, arms = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _absolute(value, arms[0], folder)
    if origin in {Union, types.UnionType}:
        if isinstance(value, str) and str in arms:
            return value
        for arm in arms:
            value = _absolute(value, arm, folder)
        return value
    if isinstance(annotation, type) and isinstance(value, str) and issubclass(annotation, PurePath):
        return _joined(value, folder)
    if isinstance(annotation, type) and isinstance(value, dict) and issubclass(annotation, BaseModel):
        return absolute(value, annotation, folder)
    if isinstance(value, list) and arms:
        return [_absolute(item, arms[0], folder) for item in value]
    if isinstance(value, dict) and len(arms) == 2:
        return {key: _absolute(item, arms[1], folder) for key, item in value.items()}
    return value


def _joined(value: str, folder: Path) -> str | None:
    """None for an empty text: as a path it would mean the current folder."""
    if not value.strip():
        return None
    return str(folder / os.path.expanduser(value))  # noqa: PTH111 - Path's own raises for an unknown user


def keys_within(model: type[BaseModel], path: Sequence[str]) -> set[str]:
    """The keys that may stand in the option that `path` leads to, none where it is no mapping of known keys."""
    found: list[type[BaseModel]] = [model]
    for key in path:
        fields = [
            field for each in found for name, field in each.model_fields.items() if key in {field.alias, name}
        ]
        found = [within for field in fields for within in _models(field.annotation)]
    return {field.alias or name for each in found for name, field in each.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for arm in get_args(annotation):
        yield from _models(arm)
