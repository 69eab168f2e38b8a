"""Durations, sizes and secrets as people write them; annotated types for `Options`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, SecretStr
from pydantic_core import CoreSchema

from rushes.logs.known import remember

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)", re.ASCII)
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_duration(value: Any) -> float:
    """Seconds of `2s`, `500ms`, `1m`, `2h`, `1d` or a number of seconds; ValueError for anything else."""
    remedy = "write a duration such as 500ms, 2s, 1m or 2h"
    number, unit = _split(value, remedy)
    if unit not in _SECONDS or not math.isfinite(number):
        raise ValueError(f"'{value}' is not a duration; {remedy}")
    return number * _SECONDS[unit]


def parse_size(value: Any) -> int:
    """Bytes or bits: `6M` and `10GB` count in thousands, `25MiB` in 1024s, a number is itself.

    Raises ValueError for anything else.
    """
    remedy = "write a size such as 6M, 25MiB or 10GB"
    number, unit = _split(value, remedy)
    letters = unit.lower().removesuffix("b")
    base = 1024 if letters.endswith("i") else 1000
    power = _POWERS.get(letters.removesuffix("i"))
    if power is None or letters == "i":
        raise ValueError(f"'{value}' is not a size; {remedy}")
    exact = number * base**power
    if not exact.is_integer():
        raise ValueError(f"'{value}' is not a whole number of bytes or bits; {remedy}")
    return int(exact)


class ByReference:
    """Marks an option whose value a pipeline file may only refer to, as `${NAME}` of the environment."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Mapping[str, Any]:
        return {**handler(schema), "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*(:-)?\}$"}


def _remembered(secret: SecretStr) -> SecretStr:
    remember([secret.get_secret_value()])
    return secret


def _split(value: Any, remedy: str) -> tuple[float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{value} is below zero or endless; {remedy}")
        return float(value), ""
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    if match is None:
        raise ValueError(f"not a number with a unit; {remedy}")
    return float(match[1]), match[2]


_WRITTEN_DURATION = Annotated[str, Field(pattern=r"^\s*\d+(\.\d+)?\s*(ms|[smhd]?)\s*$", examples=["2s"])]
_WRITTEN_SIZE = Annotated[
    str, Field(pattern=r"^\s*\d+(\.\d+)?\s*([kKmMgGtT]i?)?[bB]?\s*$", examples=["25MiB"])
]

#: Seconds, written `2s`, `500ms`, `1m`, `2h` or as a number.
Duration = Annotated[
    float,
    BeforeValidator(parse_duration, json_schema_input_type=Annotated[float, Field(ge=0)] | _WRITTEN_DURATION),
]
#: Bytes or bits, written `6M`, `25MiB`, `10GB` or as a number.
Size = Annotated[
    int, BeforeValidator(parse_size, json_schema_input_type=Annotated[float, Field(ge=0)] | _WRITTEN_SIZE)
]
#: A secret. In a pipeline file it is a reference to the environment, `${NAME}`; written out it is an error.
Secret = Annotated[SecretStr, ByReference(), AfterValidator(_remembered)]
