"""The clip of a rule test: columns as people write them, checked by name and type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rushes.columns import COLUMNS, META, METADATA_NAMES
from rushes.config.document import Entries, Node, Scalar, kind_of
from rushes.config.nearest import did_you_mean, nearest
from rushes.config.places import FileError, Mark
from rushes.model import Clip, Kind, Role
from rushes.model import Scalar as Value

#: What a clip is of which a case says nothing else.
CARD, NAME = "A001", "A001C001"
#: By this machine's clock: `{day}` is the same wherever the tests run.
NOON = datetime.fromisoformat("2026-01-01 12:00").astimezone()

_COLUMNS = {column.name: column for column in COLUMNS}
_TRUTH = TypeAdapter(bool)
_PATH = ("folder", "name", "extension")
_BOUNDS = {"INTEGER": 2**31, "BIGINT": 2**63}
_CHOICES = {"kind": [kind.value for kind in Kind], "role": [role.value for role in Role]}


def clip_of(node: Entries | None, name: str, problems: list[FileError]) -> Clip:
    """A clip of which this is told: else a complete original video on a card, and nobody has told anything of it.

    What is wrong is put into `problems`.
    """
    told: dict[str, Any] = {}
    meta: dict[str, Value] = {}
    for key, (written, value) in node.entries.items() if node else ():
        try:
            if key == META.name:
                meta |= _meta(value)
            elif (found := _told(key, written.mark, value)) is not None:
                told[key] = found
        except FileError as problem:
            problems.append(problem)
    if node and "path" in told and (parts := [part for part in _PATH if part in told]):
        message = f"'{parts[0]}' is a part of 'path'; write one of them"
        problems.append(FileError(message, node.entries[parts[0]][0].mark))
    meta |= {key: told[key] for key in told if key in METADATA_NAMES or key == "problem"}
    card = told.get("card", CARD)
    return Clip(
        id=name,
        revision=told.get("revision", 1),
        volume=told.get("volume", card),
        card=card,
        path=told.get("path") or _path(told),
        kind=Kind(told.get("kind", Kind.VIDEO)),
        role=Role(told.get("role", Role.ORIGINAL)),
        size=told.get("size", 0),
        mtime_ns=round(_epoch(told.get("modified")) * 1e9),
        first_seen=_epoch(told.get("first_seen")),
        complete=told.get("complete", True),
        completed_by=told.get("completed_by", ""),
        meta=meta,
    )


def _path(told: Mapping[str, Any]) -> str:
    extension = told.get("extension")
    name = told.get("name", NAME) + (f".{extension}" if extension else "")
    return f"{told['folder']}/{name}" if told.get("folder") else name


def _epoch(moment: datetime | None) -> float:
    moment = moment or NOON
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _told(key: str, mark: Mark, value: Node) -> Value | None:
    """A column's value, None for nothing."""
    column = _COLUMNS.get(key)
    if column is None:
        near = nearest(key, _COLUMNS)
        remedy = (
            f"did you mean '{near}'?"
            if near
            else f"what is no column stands under {META.name}: {{{key}: ...}}"
        )
        raise FileError(f"clip: unknown column '{key}'; {remedy}", mark)
    if key == "id":
        raise FileError("clip: 'id' is given by the pipeline; remove it", mark)
    if not isinstance(value, Scalar):
        raise FileError(f"clip: {key}: {kind_of(value)} where a value is needed; write one", value.mark)
    if value.value is None:
        return None
    found = _READ[column.type](value)
    if found is None or (column.type in _BOUNDS and abs(found) >= _BOUNDS[column.type]):
        fact = f"'{value.text}' is not {_KINDS[column.type]}"
        raise FileError(f"clip: {key}: {fact}; write it as in {key}: {column.example}", value.mark)
    if key in _CHOICES and found not in _CHOICES[key]:
        remedy = did_you_mean(value.text, _CHOICES[key])
        raise FileError(f"clip: {key}: '{value.text}' is no {key}; {remedy}", value.mark)
    result: Value = found
    return result


def _meta(node: Node) -> dict[str, Value]:
    if not isinstance(node, Entries):
        message = (
            f"clip: {META.name}: {kind_of(node)} where keys are needed; write {META.name}: {{look: day}}"
        )
        raise FileError(message, node.mark)
    for key, (written, value) in node.entries.items():
        if not isinstance(value, Scalar):
            fact = f"clip: {META.name}: {key}: {kind_of(value)} where text is needed; write one text"
            raise FileError(fact, value.mark)
        if key in _COLUMNS:
            raise FileError(
                f"clip: {META.name}: '{key}' is a column; write it beside {META.name}", written.mark
            )
    values = {key: value for key, (_, value) in node.entries.items() if isinstance(value, Scalar)}
    return {key: value.text for key, value in values.items() if value.value is not None}


def _truth(node: Scalar) -> bool | None:
    """As of a pipeline's own keys: `yes` and `no` count, too."""
    try:
        return _TRUTH.validate_python(node.value)
    except ValidationError:
        return None


def _whole(node: Scalar) -> int | None:
    return node.value if isinstance(node.value, int) and not isinstance(node.value, bool) else None


def _number(node: Scalar) -> float | None:
    return None if isinstance(node.value, bool | str) else node.value


def _moment(node: Scalar) -> datetime | None:
    try:
        return datetime.fromisoformat(node.text)
    except ValueError:
        return None


_READ: Mapping[str, Callable[[Scalar], Any]] = {
    "VARCHAR": lambda node: node.text,  # scene: 12 is text, too
    "BOOLEAN": _truth,
    "INTEGER": _whole,
    "BIGINT": _whole,
    "DOUBLE": _number,
    "TIMESTAMP": _moment,
}
_KINDS = {
    "BOOLEAN": "true or false",
    "INTEGER": "a whole number",
    "BIGINT": "a whole number",
    "DOUBLE": "a number",
    "TIMESTAMP": "a time",
}
