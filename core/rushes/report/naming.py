"""What a report is called, and what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

FORMATS: Final[Mapping[str, str]] = {"text": "txt", "csv": "csv", "html": "html", "json": "json"}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def file_name(report: Mapping[str, Any], format: str) -> str:  # noqa: A002 - the option's word
    """`onset-2026-11-22.csv`: ASCII, never a path."""
    pipeline = _UNSAFE.sub("-", str(report["pipeline"])).strip("-")
    return f"{pipeline or 'report'}-{_UNSAFE.sub('-', str(report['day']))}.{FORMATS[format]}"
