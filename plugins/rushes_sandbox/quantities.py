"""Sizes and durations on the command line, written as in a pipeline file."""

from __future__ import annotations

from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from rushes import Duration, Size


class _Quantity(click.ParamType[float]):
    """A number above 0."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._kind = TypeAdapter[float](kind)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = self._kind.validate_python(value)
        except ValidationError as error:
            self.fail(str(error.errors()[0]["ctx"]["error"]), param, ctx)
        if not number:
            self.fail(f"{value!r} must be above 0", param, ctx)
        return number


SIZE = _Quantity("size", Size)
DURATION = _Quantity("duration", Duration)
