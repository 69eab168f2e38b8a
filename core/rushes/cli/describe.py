"""A component in words: its options with type and default, a route's options for it, actions, keys of `meta`."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from textwrap import wrap
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from rushes.cli.text import count, printable
from rushes.config.pipeline import Kind
from rushes.config.types import parse_duration, parse_size
from rushes.contract import AnySpec, Options
from rushes.templates import Template

WIDTH = 80
#: What people call the plain types.
WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    SecretStr: "secret",
    SecretBytes: "secret",
    Template: "folder template",
}


def described(kind: Kind, spec: AnySpec) -> Mapping[str, Any]:
    """The component as a document."""
    return {
        "kind": kind,
        "name": spec.name,
        "summary": spec.summary,
        "live": spec.live,
        "options": list(_options(spec.config)),
        "wishes": list(_options(spec.wishes)) if spec.wishes else [],
        "actions": sorted(spec.actions),
        "keys": dict(spec.keys),
    }


def in_detail(kind: Kind, spec: AnySpec) -> Iterator[str]:
    """The component as lines for people."""
    told = described(kind, spec)
    yield from _wrapped(f"{kind} {spec.name}: {spec.summary}", 0)
    yield from _told("options", told["options"])
    yield from _told("options of a route's `to`", told["wishes"])
    if spec.actions:
        yield "  actions:"
        for name, action in sorted(spec.actions.items()):
            yield from _wrapped(f"{name}: {action.summary}", 4)
    if spec.keys:
        yield f"  tells {count(len(spec.keys), 'key')} of `meta`: see `pipeline columns`"


def _told(head: str, options: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if options:
        yield f"  {head}:"
    for option in options:
        ending = (
            ", required" if option["required"] else f" [{option['default']}]" if option["default"] else ""
        )
        yield from _wrapped(f"{option['name']}: {option['type']}{ending}", 4)
        yield from _wrapped(option["meaning"], 8)


def _wrapped(text: str, indent: int) -> Sequence[str]:
    margin = " " * indent
    return wrap(
        printable(" ".join(text.split())),
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin if indent == 8 else f"{margin}    ",
        break_on_hyphens=False,
    )


def _options(model: type[Options]) -> Iterator[Mapping[str, Any]]:
    for name, field in model.model_fields.items():
        yield {
            "name": field.alias or name,
            "type": type_words(field.annotation, field.metadata),
            "required": field.is_required(),
            "default": _default(field),
            "meaning": " ".join((field.description or "").split()),
        }


def type_words(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """What may be written for an option of that type: `duration`, `text or list of text`, `low | high`."""
    for mark in metadata:
        if isinstance(mark, BeforeValidator) and mark.func in {parse_duration, parse_size}:
            return "duration" if mark.func is parse_duration else "size"
    origin, arms = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_words(arms[0], arms[1:])
    if origin is Literal:
        return " | ".join(_value(arm) for arm in arms)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(type_words(arm) for arm in arms if arm is not types.NoneType))
    plain = origin or annotation
    if not isinstance(plain, type):
        return "any value"
    return _class_words(plain, arms)


def _class_words(plain: type, arms: Sequence[Any]) -> str:
    if plain in WORDS:
        return WORDS[plain]
    if issubclass(plain, Enum):
        return " | ".join(_value(member.value) for member in plain)
    if issubclass(plain, PurePath):
        return "path"
    if issubclass(plain, BaseModel | Mapping):
        return "mapping"
    if issubclass(plain, Sequence | frozenset | set) and not issubclass(plain, str | bytes):
        return f"list of {type_words(arms[0])}" if arms else "list"
    return plain.__name__.lower()


def _default(field: FieldInfo) -> str:
    """The default as a pipeline file would say it; "" where there is none, or where it is made when needed."""
    default = field.default
    if field.is_required() or field.default_factory is not None or default is None:
        return ""
    words = type_words(field.annotation, field.metadata)
    if isinstance(default, int | float) and not isinstance(default, bool):
        if "duration" in words:
            return f"{default:g}s"
        if "size" in words:
            return _size(int(default))
    return _value(default)


def _size(number: int) -> str:
    units = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10, "G": 10**9, "M": 10**6, "k": 10**3}
    return next(
        (f"{number // unit}{name}" for name, unit in units.items() if number and not number % unit),
        str(number),
    )


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return _value(value.value)
        case BaseModel():
            return ""
        case str() | int() | float() | PurePath() | Template():
            return str(value)
        case Mapping():
            return ", ".join(f"{key}: {_value(each)}" for key, each in value.items())
        case Sequence() | frozenset() | set():
            return ", ".join(_value(each) for each in value)
        case _:
            return str(value)
