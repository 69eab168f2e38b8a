"""A rule's syntax tree, made by DuckDB itself in a database of its own, and its errors with their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import duckdb

from rushes.columns import COLUMNS, META, Column
from rushes.errors import ConfigError

LONGEST_RULE = 4000

_BETWEEN_TYPES = re.compile(r"Cannot compare values of type (\w+) and type (\w+)")
_ERROR_KIND = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_NO_VALUE = re.compile(r"Could not convert string '(.*)' to (\w+)")
_NO_TIME = re.compile(r'invalid timestamp field format: "(.*?)"', re.IGNORECASE)
_KINDS_OF_VALUE = {
    "INT": "a whole number",
    "DOUBLE": "a number",
    "BOOL": "true or false",
    "TIMESTAMP": "a time",
}

#: Words that people write between a column and a text.
_CALLS = {
    "contains": "contains({0}, 'TEXT')",
    "includes": "contains({0}, 'TEXT')",
    "has": "contains({0}, 'TEXT')",
    "starts": "starts_with({0}, 'TEXT')",
    "startswith": "starts_with({0}, 'TEXT')",
    "begins": "starts_with({0}, 'TEXT')",
    "ends": "ends_with({0}, 'TEXT')",
    "endswith": "ends_with({0}, 'TEXT')",
    "matches": "regexp_matches({0}, 'PATTERN')",
    "equals": "{0} = 'TEXT'",
    "eq": "{0} = 'TEXT'",
}

# Both openings have one length, so that places in the two parses agree.
OPEN, OPEN_BARE = "SELECT 1 FROM clips WHERE (", "SELECT 1 FROM clips WHERE  "


class RuleError(ConfigError):
    """What is wrong with a rule; `offset` and `length` say where in its text, in characters."""

    def __init__(self, message: str, when: str, offset: int = 0, length: int = 1) -> None:
        offset = min(max(offset, 0), len(when))
        line_start = when.rfind("\n", 0, offset) + 1
        line = when[line_start:].partition("\n")[0]
        carets = "^" * max(1, min(length, len(line) - (offset - line_start)))
        super().__init__(message, excerpt=f"{line}\n{' ' * (offset - line_start)}{carets}")
        self.offset = offset
        self.length = length


def parse(when: str) -> dict[str, Any]:
    """The rule's syntax tree; raises RuleError unless it is one expression."""
    if not when.strip():
        raise RuleError("the rule is empty; write true to take every clip", when)
    if len(when) > LONGEST_RULE:
        raise RuleError(f"the rule is longer than {LONGEST_RULE} characters; split the route", when)
    if re.search("[\0\ud800-\udfff]", when):
        raise RuleError("the rule holds a character that is not text; remove it", when)
    tree = _where_clause(when, f"{OPEN}{when}\n)")
    # "a) or (b" is balanced between our parentheses alone, "a limit 1" without them alone.
    if tree != _where_clause(when, f"{OPEN_BARE}{when}\n "):
        raise RuleError(
            "more than one expression; write one, as in kind = 'video' and circled", when, 0, len(when)
        )
    return tree


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every expression of a tree, from the outside in."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "class" in node:
                yield node
            waiting.extend(reversed(node.values()))
        elif isinstance(node, list):
            waiting.extend(reversed(node))


def place(node: Mapping[str, Any], when: str) -> tuple[int, int]:
    """Offset and length in characters; what DuckDB made up itself has none and is the whole rule."""
    start = node["query_location"] - len(OPEN)
    if start > len(when.encode()):
        return 0, len(when)
    return _characters(when, start, node["query_location_length"])


def translated(error: duckdb.Error, when: str, opening: int) -> RuleError:
    """DuckDB's error about a statement in which the rule begins at byte `opening`."""
    text = str(error)
    try:
        facts = json.loads(text[text.index("{") :])
    except ValueError:
        facts = {"exception_message": text}
    message = _ERROR_KIND.sub("", str(facts["exception_message"]).splitlines()[0]).rstrip(".! ")
    location = json.loads(facts.get("location", "null")) or [opening, len(when.encode())]
    return _syntax_or_type(message, when, *_characters(when, location[0] - opening, location[1]))


@cache
def database() -> duckdb.DuckDBPyConnection:
    """A parser and type checker: one clip whose columns are all NULL, in `told_clips` one of which everything is told,
    nothing else, and no way out.
    """
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "64MB"})
    columns = ", ".join(f'"{column.name}" {column.type}' for column in COLUMNS)
    connection.execute(f"CREATE TABLE clips ({columns})")
    connection.execute("INSERT INTO clips (id) VALUES (NULL)")
    connection.execute(f"CREATE TABLE told_clips AS SELECT {', '.join(map(_told, COLUMNS))}")
    connection.execute("SET errors_as_json = true")
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")  # as the ledger has it
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _told(column: Column) -> str:
    """A value that is neither a number, a format nor JSON where it is text."""
    values = {"VARCHAR": "'a text'", "TIMESTAMP": "'2026-01-01'", META.type: "MAP {'a text': 'a text'}"}
    return f'{values.get(column.type, "1")}::{column.type} AS "{column.name}"'


def _where_clause(when: str, sql: str) -> dict[str, Any]:
    try:
        row = database().cursor().execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        assert row
        parsed = json.loads(row[0])
    except duckdb.Error as error:
        raise translated(error, when, len(OPEN)) from error
    except RecursionError as error:
        raise RuleError("the rule is nested too deeply; split the route", when) from error
    if parsed["error"]:
        place = json.loads(parsed.get("location", "null")) or [len(OPEN), 1]
        offset, length = _characters(when, place[0] - len(OPEN), place[1])
        raise _syntax_or_type(parsed["error_message"], when, offset, length)
    clause: dict[str, Any] = parsed["statements"][0]["node"]["where_clause"]
    return clause


def _syntax_or_type(message: str, when: str, offset: int, length: int) -> RuleError:
    if value := _NO_VALUE.search(message):
        kind = _KINDS_OF_VALUE.get(value[2].rstrip("0123456789"), value[2].lower())
        written = f"'{value[1]}'"
        if written in when:
            offset, length = when.index(written), len(written)
        if kind == "true or false" and re.search(r"\b(and|or|not)\s*\(?\s*$", when[:offset], re.IGNORECASE):
            remedy = "compare on both sides, as in scene = '1' or scene = '2'"
            return RuleError(f"{written} is not {kind}; {remedy}", when, offset, length)
        return RuleError(f"{written} is not {kind}; correct the value", when, offset, length)
    if types := _BETWEEN_TYPES.search(message):
        text, number = "VARCHAR" in types[0], "INTEGER" in types[0] or "DECIMAL" in types[0]
        remedy = "write try_cast(COLUMN as integer)"
        fact = "text is compared with a number" if text and number else message[:1].lower() + message[1:]
        return RuleError(f"{fact}; {remedy if text and number else 'cast one of them'}", when, offset, length)
    if time := _NO_TIME.search(message):
        written = f"'{time[1]}'"
        offset, length = (when.index(written), len(written)) if written in when else (offset, length)
        return RuleError(
            f"{written} is not a time; write it as in '2026-11-22 09:30:00'", when, offset, length
        )
    if "||" in when and ("chained comparisons" in message.lower() or "types '||(" in message):
        return RuleError("'||' joins no conditions; write or", when, when.index("||"), 2)
    if "types '&&(" in message:
        offset = max(0, when.find("&&"))
        return RuleError("'&&' joins no conditions; write and", when, offset, 2)
    if message.startswith("syntax error"):
        if offset >= len(when.rstrip()):
            early = "the rule ends too early; finish the comparison"
            unclosed = when.count("(") > when.count(")")
            message = "a '(' is never closed; close it" if unclosed else early
            return RuleError(message, when, len(when.rstrip()), 1)
        word = when[offset : offset + length]
        return RuleError(f"'{word}' cannot stand here; {_instead(when, offset, word)}", when, offset, length)
    if message.startswith("unterminated"):
        return RuleError(
            "a quote or comment is never closed; close it, and put a rule with ' #' in quotes",
            when,
            offset,
            length,
        )
    return RuleError(f"{message[:1].lower()}{message[1:]}; correct the rule", when, offset, length)


def _instead(when: str, offset: int, word: str) -> str:
    """What to write where a word cannot stand."""
    before = when[:offset].rstrip()
    if word.lower() in _CALLS:
        column = (re.findall(r"\w+", before) or ["name"])[-1]
        return f"write {_CALLS[word.lower()].format(column)}"
    if word == ":" and before[-1:].isdecimal():
        return "put a time or timecode in single quotes, as in timecode > '10:00:00:00'"
    if re.search(r"\bis(\s+not)?$", before, re.IGNORECASE) and word.lower() in {"yes", "no", "on", "off"}:
        return "write true or false"
    if word[:1] == "'" and re.search(r"\bis$", before, re.IGNORECASE):
        return "compare with =, as in kind = 'video'"
    if before.endswith("''"):
        return "put text in single quotes once, as in scene = '12A'"
    if before[-1:].isdecimal() and word.isdecimal():
        return "write a number without spaces"
    if re.search(r"\bin\s+'[^']*'$", before, re.IGNORECASE):
        return "put what follows 'in' in brackets, as in camera in ('A', 'B')"
    if before[-1:].isdecimal() and word[:1].isalpha():
        return "a number has no unit in a rule; write bytes or seconds, as in size > 1e9"
    return "write one expression, as in kind = 'video' and circled"


def _characters(when: str, start: int, length: int) -> tuple[int, int]:
    """DuckDB counts bytes."""
    content = when.encode()
    offset = len(content[: max(0, start)].decode(errors="ignore"))
    return offset, max(1, len(content[max(0, start) : max(0, start) + length].decode(errors="ignore")))
