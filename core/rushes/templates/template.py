"""A template: read once, filled for each clip."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from rushes.columns import FILE
from rushes.errors import NotYet, Permanent
from rushes.model import Clip
from rushes.templates.names import whole_name, within_a_name
from rushes.templates.syntax import FOLDERS, Field, Name, read
from rushes.templates.values import place_of, value_of

#: What a transform gives the file that it makes: not known before it has made it.
_OF_THE_FILE = frozenset(column.name for column in FILE) - {"card", "folder", "path", "first_seen"}
_NOTHING: frozenset[str] = frozenset()


class MissingField(NotYet):
    """Nobody has told a field of a clip: its step goes on as soon as somebody has.

    `clip` is the name of the file, `field` what is missing.
    """

    def __init__(self, clip: str, field: str, template: str) -> None:
        super().__init__(
            f"{clip}: no {field} yet for folder '{template}'; it goes on as soon as that is told",
            until="metadata",
        )
        self.clip = clip
        self.field = field


class Template:
    """A folder below a sink's own, with fields. Raises PartError, a ValueError, for a text that is none."""

    __slots__ = ("_names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._names: tuple[Name, ...] = read(text)

    def fill(self, clip: Clip, *, consent: bool = False) -> PurePosixPath:
        """The folder for a clip: relative, each name safe and of 255 bytes at most; `.` where all names are left out.

        Of a file that the pipeline made, `day`, `card`, `path` and `folder` are those of its original.
        Raises MissingField where a field is not told and has no default; with a person's `consent` (`Order.consent`),
        who let go what waited for that, Permanent.
        """
        try:
            return self._filled(clip, _NOTHING)
        except MissingField as missing:
            if not consent:
                raise
            fact = f"{missing.clip}: nobody has told its {missing.field}, which folder '{self.text}' needs"
            raise Permanent(f"{fact}; retry it once that is told, or cancel it") from None

    def preview(self, clip: Clip, *, made: bool) -> str:
        """The folder as it would be now, for people; `waits: no scene yet` where a field is missing.

        Where the clip's route has another file `made` of it first, what only that file tells is shown as its field:
        `{role}`.
        """
        try:
            return str(self._filled(clip, _OF_THE_FILE if made else _NOTHING))
        except MissingField as missing:
            return f"waits: no {missing.field} yet"

    def _filled(self, clip: Clip, hidden: frozenset[str]) -> PurePosixPath:
        names: list[str] = []
        for name in self._names:
            if name == FOLDERS:
                names += [whole_name(within_a_name(part)) for part in place_of(clip).parent.parts]
            elif text := "".join(self._text(piece, clip, hidden) for piece in name):
                names.append(whole_name(text))
        return PurePosixPath(*names)

    def _text(self, piece: str | Field, clip: Clip, hidden: frozenset[str]) -> str:
        if isinstance(piece, str):
            return piece
        if piece.name in hidden:
            return f"{{{piece.name}}}"
        if name := within_a_name(value_of(piece.name, clip)):
            return name
        if piece.default is None:
            raise MissingField(clip.filename, piece.name, self.text)
        return piece.default

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A text in YAML and JSON, a Template in Python."""
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
            python_schema=core_schema.no_info_plain_validator_function(_read),
            serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
        )


def _read(value: Any) -> Template:
    if isinstance(value, Template):
        return value
    if isinstance(value, str):
        return Template(value)
    # YAML reads {day} as a mapping.
    remedy = "put it in quotes, as in" if isinstance(value, dict) else "write folders and fields, as in"
    raise ValueError(f'not a folder; {remedy} "{{day}}/{{roll}}"')
