"""A YAML file as a tree whose every node knows its place; errors show the line with a caret.

Nodes come from ruamel's composer and not from its constructor: a scalar keeps the text it was written as, no
tag makes an object, and an alias cannot grow a small file into a huge one. (Its round-trip composer would
leave marks of its own in folded texts.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from rushes.config.places import BREAK, FileError, Mark, Source, mark_at
from rushes.config.syntax import plain_words
from rushes.errors import ConfigError

#: A pipeline file is written by hand; anything longer was named by mistake.
MOST_BYTES = 1 << 20
MOST_NODES = 20_000
MOST_DEPTH = 64

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"

_TOO_DEEP = "nested too deeply; a pipeline file needs few levels"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is what was written, without quotes and escapes; `value` what YAML 1.2 makes of it.

    `start` and `end` are where it stands in the file, in characters.
    """

    mark: Mark
    text: str
    value: str | int | float | bool | None
    start: int
    end: int

    def inside(self, offset: int, length: int) -> Mark:
        """The place of a character of `text`: only white space and quotes may differ from the file."""
        source = self.mark.source
        written = source.text[self.start : self.end]
        position = _skip_opening(written)
        for wanted in re.sub(r"\s", "", self.text[:offset]):
            position = written.find(wanted, position) + 1
            if position == 0:
                return self.mark
        while position < len(written) and written[position].isspace():
            position += 1
        return mark_at(source, self.start + position, max(1, length))

    def whole_line(self) -> Mark:
        """Its place, to the end of the line where it goes on in the next."""
        source = self.mark.source.text
        long = BREAK.search(source[self.start : self.end]) is not None
        return replace(self.mark, length=len(source)) if long else self.mark


@dataclass(frozen=True, slots=True)
class Items:
    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    mark: Mark
    entries: Mapping[str, tuple[Scalar, Node]]

    def get(self, key: str) -> Node | None:
        """The value under `key`, None when the key is not there."""
        found = self.entries.get(key)
        return found[1] if found else None


Node = Scalar | Items | Entries


@dataclass(frozen=True)
class Document:
    """A file that was read: its name as the user wrote it, and its root mapping."""

    file: Path
    root: Entries


def read_document(file: Path) -> Document:
    """Read and parse a pipeline file; raises FileError, at a place wherever there is one."""
    source = _read(file)
    text = source.text
    if bad := _UNPRINTABLE.search(text):
        message = f"character U+{ord(bad[0]):04X} cannot stand in a text file; remove it"
        raise FileError(message, mark_at(source, bad.start()))
    if (deep := _too_deep(text)) is not None:
        raise FileError(_TOO_DEEP, mark_at(source, deep))
    start = Mark(source, 0, 0)
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        message, at = plain_words(error)
        raise FileError(message, Mark(source, at.line, at.column) if at else start) from error
    except RecursionError as error:
        raise FileError(_TOO_DEEP, start) from error
    except Exception as error:  # ruamel lets ValueError and others through for odd escapes and tags
        message = f"not readable as YAML ({type(error).__name__}); correct its escapes and tags"
        raise FileError(message, start) from error
    if root is None:
        raise FileError("empty; a pipeline file needs keys such as 'sources:'", start)
    tree = _Tree(source).node(root, 0)
    if not isinstance(tree, Entries):
        raise FileError(f"{kind_of(tree)} where keys are needed; begin with 'pipeline: NAME'", tree.mark)
    return Document(file, tree)


def kind_of(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Scalar):
        return "nothing" if node.value is None else "a single value"
    return "a list" if isinstance(node, Items) else "a mapping"


class _Tree:
    """Makes our nodes of ruamel's, counting them: aliases are followed, but not for ever."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._count = 0

    def node(self, node: object, depth: int) -> Node:
        mark = self._mark(node)
        self._count += 1
        if self._count > MOST_NODES or depth > MOST_DEPTH:
            fact = "too many or too deeply nested values; remove aliases that repeat each other"
            raise FileError(fact, mark)
        if isinstance(node, MappingNode):
            self._known_tag(node, "map", mark)
            return Entries(mark, dict(self._entries(node, depth)))
        if isinstance(node, SequenceNode):
            self._known_tag(node, "seq", mark)
            return Items(mark, tuple(self.node(item, depth + 1) for item in node.value))
        assert isinstance(node, ScalarNode)
        value = self._value(node, mark)
        return Scalar(mark, node.value, value, node.start_mark.index, node.end_mark.index)

    def _entries(self, node: MappingNode, depth: int) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
        seen: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            key = self.node(key_node, depth + 1)
            if not isinstance(key, Scalar):
                raise FileError(f"{kind_of(key)} cannot be a key; write 'key: value'", key.mark)
            if key.text in seen:
                first = seen[key.text].line + 1
                fact = f"'{key.text}' stands here twice (first in line {first}); remove one"
                raise FileError(fact, key.mark)
            seen[key.text] = key.mark
            yield key.text, (key, self.node(value_node, depth + 1))

    def _value(self, node: ScalarNode, mark: Mark) -> str | int | float | bool | None:
        kind = (node.tag or "").removeprefix(_TAG)
        text = str(node.value)
        if _NO_TEXT.search(text):
            raise FileError("an escape gives a character that is not text; remove it", mark)
        try:
            match kind:
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    return _whole(text.replace("_", ""))
                case "float":
                    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
                case "str" | "timestamp" | "merge":
                    return text
        except ValueError as error:
            raise FileError(f"'{text[:40]}' is not a number; put it in quotes", mark) from error
        raise FileError(f"{_shown(node.tag)} means nothing here; remove it, or quote the text", mark)

    def _known_tag(self, node: MappingNode | SequenceNode, kind: str, mark: Mark) -> None:
        if node.tag not in {None, _TAG + kind}:
            raise FileError(f"{_shown(node.tag)} means nothing here; remove it", mark)

    def _mark(self, node: object) -> Mark:
        start, end = node.start_mark, node.end_mark  # type: ignore[attr-defined]
        single = isinstance(node, ScalarNode) and start.line == end.line
        length = max(1, end.column - start.column) if single else 1
        return Mark(self._source, start.line, start.column, length)


def _shown(tag: str | None) -> str:
    return f"tag '{(tag or '!').replace(_TAG, '!!')}'"


def _whole(text: str) -> int:
    """YAML 1.2: 0x and 0o prefixes, otherwise decimal, leading zeros included."""
    sign = text.startswith("-")
    digits = text.lstrip("+-")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    return -int(digits, base) if sign else int(digits, base)


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
    try:
        return Source(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        message = f"byte 0x{content[error.start]:02X} is not UTF-8; save the file as UTF-8"
        source = Source(file, content.decode("utf-8-sig", errors="replace"))
        raise FileError(message, mark_at(source, len(before))) from error


def _too_deep(text: str) -> int | None:
    """Where brackets open far beyond any use, quoted or not: ruamel's scanner would take minutes."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > 8 * MOST_DEPTH:
            return bracket.start()
    return None


def _skip_opening(source: str) -> int:
    """Where the text of a scalar begins in its source: behind a quote, or behind the line of | or >."""
    if source[:1] in {"'", '"'}:
        return 1
    if source[:1] in {"|", ">"} and (line_end := BREAK.search(source)):
        return line_end.end()
    return 0
