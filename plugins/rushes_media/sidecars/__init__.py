"""Sidecars: what stands beside clips and says something about them. Read here, attached by the annotator `match`."""

from __future__ import annotations

import re
from pathlib import Path

from rushes_media.looks.values import Look
from rushes_media.sidecars import blackmagic, documents, tables
from rushes_media.sidecars.row import Row, Sidecar
from rushes_media.words import names

__all__ = ["MOST_BYTES", "Row", "Sidecar", "of_look", "read"]

#: A sidecar of thousands of clips has a few megabytes.
MOST_BYTES = 64 << 20
EXTENSIONS = frozenset({"ale", "csv", "txt", "xml", "xmp", "mhl", "sidecar"})


def read(path: Path) -> Sidecar:
    """What a file says that is named as sidecars are; any other says nothing. OSError when it cannot be read."""
    extension = path.suffix.lower().removeprefix(".")
    if extension not in EXTENSIONS:
        return Sidecar()
    if path.stat().st_size > MOST_BYTES:
        return Sidecar(problem=f"larger than {MOST_BYTES >> 20} MiB: not read")
    content = path.read_bytes()
    if extension in {"xml", "xmp", "mhl"}:
        return documents.read(content, path.name)
    if extension == "ale" or content.lstrip(b"\xef\xbb\xbf\r\n ")[:7].lower() == b"heading":
        return tables.ale(content)
    if extension == "sidecar":
        return blackmagic.values(content, path.name)
    if extension == "txt":
        return blackmagic.lines(content, path.name)
    return tables.comma(content, path.name)


def of_look(look: Look) -> Sidecar:
    """The clips that corrections are for: by the media they are applied to, or by ids that are clip names."""
    rows: list[Row] = []
    for one in look.corrections:
        match = {}
        if one.media:
            match["file"] = re.split(r"[/\\]", one.media)[-1]
        if named := names.parse(match.get("file", "")) or names.parse(one.id):
            match["clip_name"] = named.clip_name
        if match:
            rows.append(Row(match=match, values=one.written()))
    return Sidecar(format="cdl", rows=rows) if rows else Sidecar()
