"""What all data formats share: members are optional, and nothing that anyone wrote is lost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeVar, Union, get_args, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType

from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.kinds import Reader, WrongTypeError, reader_of
from rushes_masterlockit.formats.plain import plain
from rushes_masterlockit.formats.strict import strict

#: How deep a format may hold itself (scenes that include scenes); what is deeper is kept as it came.
MOST_RECURSION = 8

T = TypeVar("T")
F = TypeVar("F", bound="Form")

#: A member that may be missing: then, or where its type is wrong, it is UNSET.
Maybe: TypeAlias = Union[T, UnsetType]  # noqa: UP007 - an alias with a variable needs the long form


class Form(Struct, frozen=True, kw_only=True, rename="camel", repr_omit_defaults=True):
    """A JSON object of the protocol; change one with `msgspec.structs.replace`, write it with `write` alone."""

    #: What was read, in its order: UNSET where a field holds the member, else the member as it came, because
    #: nobody knows its name or because its type is wrong. A field that is set is written in its place.
    kept: dict[str, Any] = msgspec.field(default_factory=dict)


def read(form: type[F], data: bytes | Mapping[str, Any]) -> F:
    """A format out of JSON, or out of its decoded value, with which nothing is shared.

    FormatError for what is no JSON object, or lacks what the format must have.
    """
    value = strict(data) if isinstance(data, bytes) else plain(data)
    if not isinstance(value, dict):
        raise FormatError(f"{form.__name__} is not a JSON object")
    return _read(form, value, 1)


def builtins(form: Form) -> dict[str, Any]:
    """The format as JSON has it, all members in their places; shares nothing with `form`."""
    fields = {member.name: getattr(form, member.attribute) for member in _members(type(form), 1)}
    result = {}
    for name, value in form.kept.items():
        now = fields.pop(name, UNSET)
        if now is not UNSET or value is not UNSET:
            result[name] = _said(value if now is UNSET else now)
    return result | {name: _said(value) for name, value in fields.items() if value is not UNSET}


def write(value: Form | Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, of a format or of plain values. FormatError for what JSON cannot say."""
    return msgspec.json.encode(builtins(value) if isinstance(value, Form) else plain(value))


def _said(value: Any) -> Any:
    if isinstance(value, Form):
        return builtins(value)
    return [_said(item) for item in value] if isinstance(value, list) else plain(value)


def _read(form: type[F], members: dict[str, Any], depth: int) -> F:
    kept: dict[str, Any] = dict(members)
    fields: dict[str, Any] = {}
    for member in _members(form, depth):
        name = member.name
        value: Any = UNSET
        if name in members:
            try:
                value = member.reader(members[name])
                kept[name] = UNSET
            except WrongTypeError:
                pass
        if member.required and value is UNSET:
            raise FormatError(f"{form.__name__}: {name} is {'wrong' if name in members else 'missing'}")
        fields[member.attribute] = value
    return form(**fields, kept=kept)


class _Member(NamedTuple):
    name: str
    attribute: str
    required: bool
    reader: Reader


@cache
def _members(form: type[Form], depth: int) -> tuple[_Member, ...]:
    """The fields of a format that stands `depth` deep within its own kind."""

    def within(inner: type[Form]) -> Reader:
        below = depth + 1 if inner is form else 1

        def reader(value: Any) -> Any:
            if not isinstance(value, dict) or below > MOST_RECURSION:
                raise WrongTypeError
            return _read(inner, value, below)

        return reader

    hints = get_type_hints(form)
    return tuple(
        _Member(
            field.encode_name,
            field.name,
            UnsetType not in get_args(hints[field.name]),
            reader_of(hints[field.name], within),
        )
        for field in msgspec.structs.fields(form)
        if field.name != "kept"
    )
