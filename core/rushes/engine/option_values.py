"""Options as JSON values, to be kept in the ledger and compared by other runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from pydantic import BaseModel


def option_values(options: BaseModel, *, changed_only: bool = False) -> dict[str, Any]:
    """The same in every run; with `changed_only` without the defaults, which a new version may add.

    Raises what a plugin's own types raise when they are written.
    """
    told = options.model_dump(mode="json", exclude_defaults=changed_only, fallback=_told)
    return {key: _ordered(value, getattr(options, key, None)) for key, value in told.items()}


def _ordered(told: Any, value: Any) -> Any:
    """What a value is told as, with sets in order: in each run theirs is another."""
    if isinstance(told, list) and isinstance(value, AbstractSet):
        if all(isinstance(each, AbstractSet) for each in value):
            told = [_ordered(each, frozenset()) if isinstance(each, list) else each for each in told]
        return sorted(told, key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(told, list) and isinstance(value, list | tuple) and len(told) == len(value):
        return [_ordered(*pair) for pair in zip(told, value, strict=True)]
    if isinstance(told, dict) and isinstance(value, BaseModel):
        return {key: _ordered(each, getattr(value, key, None)) for key, each in told.items()}
    if isinstance(told, dict) and isinstance(value, Mapping) and len(told) == len(value):
        return {
            key: _ordered(each, inner)
            for (key, each), inner in zip(told.items(), value.values(), strict=True)
        }
    return told


def _told(value: Any) -> str:
    if (told := str(value)) == object.__repr__(value):
        raise TypeError("it would be told by its address in memory")
    return told
