"""The script: its paragraphs, and the lines drawn through them for a clip."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from rushes_masterlockit.formats.form import Form, Maybe


class ScriptChange(Form, frozen=True, kw_only=True):
    start_index: Maybe[int] = UNSET
    end_index: Maybe[int] = UNSET
    content: Maybe[str] = UNSET
    is_comment: Maybe[bool] = UNSET


class ScriptParagraphElement(Form, frozen=True, kw_only=True):
    uuid: Maybe[str] = UNSET
    element: Maybe[str] = UNSET
    content: Maybe[str] = UNSET
    changes: Maybe[list[ScriptChange]] = UNSET


class ScriptParagraph(Form, frozen=True, kw_only=True):
    uuid: Maybe[str] = UNSET
    element_number: Maybe[int] = UNSET
    element: Maybe[str] = UNSET
    elements: Maybe[list[ScriptParagraphElement]] = UNSET


class MarkedLine(Form, frozen=True, kw_only=True):
    """From one place in the script to another: elements, and characters within them."""

    start_element_uuid: Maybe[str] = msgspec.field(name="startElementUUID", default=UNSET)
    end_element_uuid: Maybe[str] = msgspec.field(name="endElementUUID", default=UNSET)
    start_index: Maybe[int] = UNSET
    end_index: Maybe[int] = UNSET


class ScriptLine(MarkedLine, frozen=True, kw_only=True):
    marked_lines: Maybe[list[MarkedLine]] = UNSET
