"""Whether a JSON value is of the type that a format says, and the value then."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from msgspec import UnsetType

from rushes_masterlockit.formats.strict import LEAST_INTEGER, MOST_INTEGER


class WrongTypeError(Exception):
    """A value is not of its type."""


#: Takes a JSON value to the typed one, or raises WrongTypeError.
Reader: TypeAlias = Callable[[Any], Any]


def reader_of(kind: Any, structs: Callable[[type], Reader]) -> Reader:
    """The reader of a field's annotation; `structs` makes those of formats within formats.

    An integer is never a boolean and never a float, but a float may be written as an integer. A list with one
    entry of another type is of another type as a whole.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _first([reader_of(one, structs) for one in arguments if one is not UnsetType])
    if origin is Literal:
        return _only(lambda value: isinstance(value, str) and value in arguments)
    if origin is list:
        return _list(reader_of(arguments[0], structs))
    if origin is dict:
        return _object(reader_of(arguments[1], structs))
    scalar = _SCALARS.get(kind)
    return _only(scalar) if scalar else structs(kind)


def _integer(value: Any) -> bool:
    return type(value) is int and LEAST_INTEGER <= value <= MOST_INTEGER


_SCALARS: dict[Any, Callable[[Any], bool]] = {
    Any: lambda _: True,
    NoneType: lambda value: value is None,
    bool: lambda value: type(value) is bool,
    str: lambda value: type(value) is str,
    int: _integer,
    float: lambda value: type(value) is float or _integer(value),
}


def _only(is_right: Callable[[Any], bool]) -> Reader:
    def read(value: Any) -> Any:
        if not is_right(value):
            raise WrongTypeError
        return value

    return read


def _first(readers: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        for one in readers:
            try:
                return one(value)
            except WrongTypeError:
                pass
        raise WrongTypeError

    return readers[0] if len(readers) == 1 else read


def _list(item: Reader) -> Reader:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise WrongTypeError
        return [item(one) for one in value]

    return read


def _object(item: Reader) -> Reader:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise WrongTypeError
        return {name: item(one) for name, one in value.items()}

    return read
