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

from rushes.config.lookalikes import CURLY, DASH, SPACE, named, no_space, plainly
from rushes.config.places import BREAK, FileError, Mark, Source, mark_at
from rushes.config.source import MOST_DEPTH, TOO_DEEP, read_source
from rushes.config.syntax import plain_words

MOST_NODES = 20_000

#: `key:value`, which YAML takes for one word.
_GLUED = re.compile(r"([a-z_]+):([^\s:/].*)")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
#: What an escape in double quotes makes of a path such as "D:\\raid".
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f]")
_TAG = "tag:yaml.org,2002:"


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


def read_document(file: Path, problems: list[FileError] | None = None) -> Document:
    """Read and parse a pipeline file; raises FileError, at a place wherever there is one.

    What is wrong with one key or value is put into `problems` where they are given: the rest can be read.
    """
    source = read_source(file)
    text = source.text
    start = Mark(source, 0, 0)
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        message, at = plain_words(error)
        raise FileError(message, Mark(source, *at) if at else start) from error
    except RecursionError as error:
        raise FileError(TOO_DEEP, start) from error
    except Exception as error:  # ruamel lets ValueError and others through for odd escapes and tags
        message = f"not readable as YAML ({type(error).__name__}); correct its escapes and tags"
        raise FileError(message, start) from error
    if root is None:
        raise FileError("empty; a pipeline file needs keys such as 'sources:'", start)
    found: list[FileError] = []
    tree = _Tree(source, found).node(root, 0)
    if found and problems is None:
        first, *others = sorted(found, key=lambda problem: (problem.mark.line, problem.mark.column))
        first.others = tuple(others)
        raise first
    if problems is not None:
        problems += found
    if not isinstance(tree, Entries):
        raise FileError(f"{kind_of(tree)} where keys are needed; begin with 'pipeline: NAME'", tree.mark)
    return Document(file, tree)


def kind_of(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Scalar):
        return "nothing" if node.value is None else "a single value"
    return "a list" if isinstance(node, Items) else "a mapping"


class _Tree:
    """Makes our nodes of ruamel's, counting them: aliases are followed, but not for ever.

    A key or value that is none is noted in `problems`, and passed over or taken for text.
    """

    def __init__(self, source: Source, problems: list[FileError]) -> None:
        self._source = source
        self._problems = problems
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
        text = _NO_TEXT.sub("", node.value)
        if node.style is None and isinstance(value, str) and (SPACE.search(text) or CURLY.fullmatch(text)):
            value = text = plainly(text)  # told above: nothing that follows from it is
        return Scalar(mark, text, value, node.start_mark.index, node.end_mark.index)

    def _entries(self, node: MappingNode, depth: int) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
        seen: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            key = self.node(key_node, depth + 1)
            if not isinstance(key, Scalar):
                braces = self._source.text.startswith("{{", node.start_mark.index)
                remedy = 'write "${NAME}" for a variable' if braces else "write 'key: value'"
                self._problem(f"{kind_of(key)} cannot be a key; {remedy}", key.mark)
                continue
            if key.text in seen:
                first = seen[key.text].line + 1
                self._problem(f"'{key.text}' stands here twice (first in line {first}); remove one", key.mark)
                continue
            value = self.node(value_node, depth + 1)
            if isinstance(value, Scalar) and value.value is None and (glued := _GLUED.fullmatch(key.text)):
                name, text = glued.groups()
                self._problem(f"a space is missing behind '{name}:'; write {name}: {text}", key.mark)
                value = replace(value, text=text, value=text, mark=key.mark)
                key = replace(key, text=name, value=name)
            seen[key.text] = key.mark
            yield key.text, (key, value)

    def _value(self, node: ScalarNode, mark: Mark) -> str | int | float | bool | None:
        kind = (node.tag or "").removeprefix(_TAG)
        text = str(node.value)
        if _NO_TEXT.search(text):
            self._problem("an escape gives a character that is not text; remove it", mark)
            return ""
        if misread := _misread(node, text):
            offset, message = misread
            at = replace(mark, column=mark.column + offset, length=1) if offset else mark
            self._problem(message, at if mark.length == len(text) else mark)
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
        except ValueError:
            self._problem(f"'{text[:40]}' is not a number; put it in quotes", mark)
            return text
        self._problem(f"{_shown(node.tag)} means nothing here; remove it, or quote the text", mark)
        return text

    def _known_tag(self, node: MappingNode | SequenceNode, kind: str, mark: Mark) -> None:
        if node.tag not in {None, _TAG + kind}:
            self._problem(f"{_shown(node.tag)} means nothing here; remove it", mark)

    def _problem(self, message: str, mark: Mark) -> None:
        self._problems.append(FileError(message, mark))

    def _mark(self, node: object) -> Mark:
        start, end = node.start_mark, node.end_mark  # type: ignore[attr-defined]
        single = isinstance(node, ScalarNode) and start.line == end.line
        length = max(1, end.column - start.column) if single else 1
        return Mark(self._source, start.line, start.column, length)


def _misread(node: ScalarNode, text: str) -> tuple[int, str] | None:
    """Where a text is not what it looks like, why, and the remedy; None where it is."""
    if CURLY.fullmatch(text):
        return 0, "typographic quotes are a part of this text; write straight ones, or none"
    if node.style == '"' and (control := _CONTROL.search(text)):
        fact = f"the backslash here begins an escape, which makes {named(control[0])}"
        return 0, f"{fact}; put the text in single quotes"
    if node.style is None and (odd := SPACE.search(text)):
        return odd.start(), no_space(odd[0])
    if node.style is None and (dash := DASH.match(text)):
        return 0, f"{named(dash[1])} is no '-'; write '- ' before each entry"
    return None


def _shown(tag: str | None) -> str:
    return f"tag '{(tag or '!').replace(_TAG, '!!')}'"


def _whole(text: str) -> int:
    """YAML 1.2: 0x and 0o prefixes, otherwise decimal, leading zeros included."""
    sign = text.startswith("-")
    digits = text.lstrip("+-")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    return -int(digits, base) if sign else int(digits, base)


def _skip_opening(source: str) -> int:
    """Where the text of a scalar begins in its source: behind a quote, or behind the line of | or >."""
    if source[:1] in {"'", '"'}:
        return 1
    if source[:1] in {"|", ">"} and (line_end := BREAK.search(source)):
        return line_end.end()
    return 0
