"""The faces of cells: few, printable, told apart without colour."""

from __future__ import annotations

from typing import Any

import xlsxwriter

from rushes_masterlockit.reports.sheet import Column, Look

FONT = "Arial"
SIZE = 9

_INK = "#1A1A1A"
_QUIET = "#5F6368"
_RULE = "#9AA0A6"
_HEAD = "#DDE1E6"
_BAND = "#EEF0F3"
_SHADE = "#F1F3F6"
_CIRCLE = "#FFEFA8"
_THIN, _MEDIUM, _HAIR = 1, 2, 7

#: Hours may exceed a day: totals.
LENGTH = "[hh]:mm:ss"

_FIXED: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18},
    "production": {"bold": True, "font_size": 13, "align": "right"},
    "subtitle": {"valign": "top", "font_size": 11, "font_color": _QUIET},
    "name": {
        "indent": 1,
        "font_size": 7,
        "font_color": _QUIET,
        "valign": "bottom",
        "left": _THIN,
        "right": _THIN,
        "top": _THIN,
        "left_color": _RULE,
        "right_color": _RULE,
        "top_color": _RULE,
    },
    "value": {
        "indent": 1,
        "bold": True,
        "bottom": _THIN,
        "left": _THIN,
        "right": _THIN,
        "bottom_color": _RULE,
        "left_color": _RULE,
        "right_color": _RULE,
        "text_wrap": True,
        "valign": "top",
    },
    "head": {
        "bold": True,
        "bg_color": _HEAD,
        "top": _MEDIUM,
        "bottom": _MEDIUM,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "band": {"bold": True, "bg_color": _BAND, "top": _THIN, "bottom": _THIN, "valign": "vcenter"},
    "count": {"bottom": _HAIR, "bottom_color": _RULE},
    "note": {},
    "sum": {"bold": True, "top": _THIN, "bottom": _MEDIUM},
}

_LOOKS: dict[Look, dict[str, Any]] = {
    Look.PLAIN: {},
    Look.CIRCLED: {"bold": True, "bg_color": _CIRCLE},
    Look.WASTE: {"font_strikeout": True, "font_color": _QUIET},
}


class Looks:
    """The formats of one workbook, each made when it is first needed."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def fixed(self, name: str, align: str = "left", *, length: bool = False) -> Any:
        """The face of that name."""
        indent = {"indent": 1} if align == "right" and name not in {"production", "subtitle"} else {}
        properties = {"align": align} | indent | _FIXED[name] | ({"num_format": LENGTH} if length else {})
        return self._format((name, align, length), properties)

    def line(self, column: Column[Any], look: Look, *, wrap: bool, shaded: bool, length: bool) -> Any:
        """The face of a cell in a line."""
        ringed = column.ringed and look is Look.CIRCLED
        kept = look is Look.WASTE and not column.struck
        key = (look, column.align, ringed, kept, wrap, shaded, length)
        if (made := self._made.get(key)) is not None:
            return made
        properties = {
            "align": column.align,
            "indent": int(column.align == "right"),
            "valign": "vcenter",
            "text_wrap": wrap,
            "bottom": _HAIR,
            "bottom_color": _RULE,
            **({"bg_color": _SHADE} if shaded else {}),
            **_LOOKS[look],
            **({"num_format": LENGTH} if length else {}),
        }
        if ringed:
            properties |= {"border": _MEDIUM, "bottom_color": _INK}
        if kept:
            properties["font_strikeout"] = False
        return self._format(key, properties)

    def _format(self, key: tuple[Any, ...], properties: dict[str, Any]) -> Any:
        if key not in self._made:
            base = {"font_name": FONT, "font_size": SIZE, "font_color": _INK}
            self._made[key] = self._workbook.add_format(base | properties)
        return self._made[key]
