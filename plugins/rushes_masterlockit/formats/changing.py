"""What a person wants changed of a clip, `take.comment=late`, as the members that it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from rushes_masterlockit.formats.clips import SoundClip, VideoClip
from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.form import Form
from rushes_masterlockit.formats.kinds import WrongTypeError, reader_of
from rushes_masterlockit.formats.plain import plain

_FORMS: Mapping[str, type[Form]] = {"video": VideoClip, "sound": SoundClip}

#: Whoever writes a version writes these.
KEPT = frozenset({"id", "type", "version", "created", "updated"})

#: What is called otherwise in a clip of the other kind.
_ELSEWHERE = {"video": {"circle": "take.printState=1", "comment": "take.comment"}}

_KINDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list, which can only be removed",
}


def changes(clip: Mapping[str, Any], assignments: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A merge patch out of dotted names and what is to stand there.

    A value is JSON where that is a number, true or false, else a text, whichever the member takes; null removes.
    A member that the protocol does not name can be changed if the clip has it. FormatError for one that is
    neither, that is not to be changed, or that takes no such value.
    """
    patch: dict[str, Any] = {}
    for name, text in assignments:
        path = name.split(".")
        _put(patch, path, _value(clip, path, text))
    return patch


def _put(patch: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        patch = patch.setdefault(part, {})
        if not isinstance(patch, dict):
            raise FormatError(f"{part} is said twice")
    if path[-1] in patch:
        raise FormatError(f"{'.'.join(path)} is said twice")
    patch[path[-1]] = value


def _value(clip: Mapping[str, Any], path: list[str], text: str) -> Any:
    kind = str(clip["type"])
    if path[0] in KEPT:
        raise FormatError(f"{path[0]} is no member to change; the pipeline keeps it")
    if len(path) == 1 and (other := _ELSEWHERE.get(kind, {}).get(path[0])) is not None:
        raise FormatError(f"a {kind} clip has no {path[0]}; write {other}")
    expected: Any = _FORMS[kind]
    there: Any = clip
    for depth, part in enumerate(path):
        where = ".".join(path[: depth + 1])
        there = there.get(part) if isinstance(there, Mapping) else None
        if expected is None:
            known = None
        elif not _is_form(expected):
            raise FormatError(f"{'.'.join(path[:depth])} is {_KINDS[_root(expected)]}; it has no members")
        else:
            known = _members(expected)
        if known is not None and part in known:
            expected = known[part]
        elif there is None:
            near = get_close_matches(part, known or (), 1)
            hint = f"; do you mean {'.'.join([*path[:depth], *near])}" if near else ""
            raise FormatError(f"a {kind} clip has no {where}{hint}")
        else:
            expected = None
    said = _said(text)
    if said is None:
        return None
    if expected is None:
        if isinstance(there, Mapping | list):
            raise FormatError(f"{'.'.join(path)} is no single value; name one of its members")
        return said
    return _checked(expected, path, said, text)


def _checked(expected: Any, path: list[str], said: Any, text: str) -> Any:
    name = ".".join(path)
    if _is_form(expected):
        usual = next(member for member in _members(expected) if member != "uuid")
        raise FormatError(f"{name} has members; name one, such as {name}.{usual}")
    reader = reader_of(expected, lambda _form: _no_value)
    for value in (said, text):
        try:
            return reader(value)
        except WrongTypeError:
            continue
    raise FormatError(f"{name} is {_KINDS[_root(expected)]}, not {text[:40]!r}")


def _said(text: str) -> Any:
    plain(text)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return text
    if value is None:
        return None if text == "null" else text
    return text if isinstance(value, str | list | dict) else value


def _members(form: type[Form]) -> dict[str, Any]:
    """Names as JSON has them, and what may stand there."""
    hints = get_type_hints(form)
    fields = (field for field in msgspec.structs.fields(form) if field.name != "kept")
    return {field.encode_name: _known(hints[field.name]) for field in fields}


def _known(hint: Any) -> Any:
    """Without the possibility that it is missing."""
    kinds = [one for one in get_args(hint) if one is not UnsetType]
    return kinds[0] if UnsetType in get_args(hint) and len(kinds) == 1 else hint


def _is_form(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Form)


def _root(kind: Any) -> Any:
    """A list of anything is a list; of a choice, what it is mostly."""
    if get_origin(kind) is list:
        return list
    return kind if kind in _KINDS else get_args(kind)[0]


def _no_value(_value: Any) -> Any:
    raise WrongTypeError
