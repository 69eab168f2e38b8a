"""The text of a pipeline file, before it is YAML."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from rushes.config.places import FileError, Mark, Source, mark_at
from rushes.errors import ConfigError

#: A pipeline file is written by hand; anything longer was named by mistake.
MOST_BYTES = 1 << 20
MOST_DEPTH = 64
TOO_DEEP = "nested too deeply; a pipeline file needs few levels"

_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_source(file: Path) -> Source:
    """The text of a file. Raises ConfigError where it cannot be read, FileError where no YAML can be in it."""
    source = _read(file)
    if bad := _UNPRINTABLE.search(source.text):
        message = f"character U+{ord(bad[0]):04X} cannot stand in a text file; remove it"
        raise FileError(message, mark_at(source, bad.start()))
    if (deep := _too_deep(source.text)) is not None:
        raise FileError(TOO_DEEP, mark_at(source, deep))
    return source


def _read(file: Path) -> Source:
    try:
        if file.exists() and not file.is_file():
            raise ConfigError("not a file; name a pipeline file such as onset.yaml", where=str(file))
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError("no such file; correct its name", where=str(file)) from error
    except PermissionError as error:
        raise ConfigError("may not be read; correct its permissions", where=str(file)) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read ({error}); correct its name", where=str(file)) from error
    if len(content) > MOST_BYTES:
        raise ConfigError("larger than 1 MiB, so not a pipeline file; correct its name", where=str(file))
    if wide := _wide(content):
        source = Source(file, content.decode(wide, errors="replace").lstrip("\ufeff"))
        raise FileError(f"this is {wide.upper()}; save the file as UTF-8", Mark(source, 0, 0))
    try:
        return Source(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        message = f"byte 0x{content[error.start]:02X} is not UTF-8; save the file as UTF-8"
        source = Source(file, content.decode("utf-8-sig", errors="replace"))
        raise FileError(message, mark_at(source, len(before))) from error


def _wide(content: bytes) -> str:
    """The encoding of a text of which every character takes several bytes, as some editors save it; "" for others."""
    for start, encoding in _WIDE.items():
        if content.startswith(start):
            return encoding
    # Without a mark: of the first letters every other byte is empty.
    even, odd = content[:40:2], content[1:40:2]
    if len(odd) > 1 and not any(even) and all(odd):
        return "utf-16-be"
    return "utf-16-le" if len(odd) > 1 and all(even) and not any(odd) else ""


def _too_deep(text: str) -> int | None:
    """Where brackets open far beyond any use, quoted or not: ruamel's scanner would take minutes."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > 8 * MOST_DEPTH:
            return bracket.start()
    return None
