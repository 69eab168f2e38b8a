"""What may stand in a rule: a list of what is allowed, everything else is refused in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import duckdb

from rushes.columns import META, METADATA_NAMES, NAMES
from rushes.config.nearest import did_you_mean, nearest
from rushes.model import Kind, Role
from rushes.rules.comparisons import check_comparison
from rushes.rules.slips import check_slips
from rushes.rules.syntax import RuleError, database, parse, place, translated, walk

#: DuckDB's macros are any SQL; these are pure.
_MACROS = frozenset(
    {"if", "nullif", "split_part", "array_to_string", "fdiv", "fmod", "date_add", "list_sum", "list_min"}
    | {"list_max", "list_avg", "list_count", "list_first", "list_last", "list_append", "list_prepend"}
)
#: `age(x)` counts from today although DuckDB calls it consistent.
_REFUSED = frozenset({"age"})
#: What people write for `true`.
_ALWAYS = frozenset({"yes", "on", "always", "any", "every", "everything"})
_NEVER = frozenset({"no", "off", "never", "nothing"})
#: What other systems call a column.
_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("date", "shot_at", "datetime"), "recorded"),
    **dict.fromkeys(("file", "filename", "file_name", "clipname"), "name"),
    **dict.fromkeys(("ext", "suffix", "filetype"), "extension"),
    **dict.fromkeys(("type", "media_type"), "kind"),
    **dict.fromkeys(("length", "seconds", "runtime"), "duration"),
    **dict.fromkeys(("fps", "framerate", "frame_rate"), "rate"),
    **dict.fromkeys(("good", "circle", "starred", "flagged"), "circled"),
    **dict.fromkeys(("roll", "tape", "magazine"), "reel"),
    **dict.fromkeys(("tc", "start_tc"), "timecode"),
    **dict.fromkeys(("resolution", "lines"), "height"),
}
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|FLOAT$|DOUBLE$|DECIMAL")
_CLASSES = frozenset(
    {"CONJUNCTION", "COMPARISON", "COLUMN_REF", "CONSTANT", "OPERATOR", "FUNCTION", "CAST", "CASE"}
    | {"BETWEEN", "COLLATE", "TYPE"}
)
_REFUSALS = {
    "SUBQUERY": "a rule sees one clip and cannot SELECT; compare columns and values",
    "WINDOW": "a rule sees one clip, so there are no window functions; compare columns and values",
    "STAR": "'*' is no value; name a column",
    "PARAMETER": "a rule has no parameters; write the value",
    "LAMBDA": "a rule has no lambdas; compare columns and values",
}
_CLOSED_COLUMNS: Mapping[str, Collection[str]] = {
    "kind": tuple(Kind),
    "role": tuple(Role),
    "matched": ("matched", "ambiguous", "none"),
}


def check(when: str, *, names: Collection[str] = NAMES) -> None:
    """Raise RuleError unless the rule is one pure expression over the columns `names`, true or false."""
    _check_tree(when, names)
    if (found := _type(when)) != "BOOLEAN":
        fact = f"gives {_shown(found)}, not true or false; compare it, as in kind = 'video'"
        raise RuleError(fact, when, 0, len(when))


def check_number(expression: str, *, names: Collection[str] = NAMES) -> None:
    """Raise RuleError unless the expression is one pure expression over the columns `names` that gives a number."""
    _check_tree(expression, names)
    if not _NUMBER.match(found := _type(expression)):
        remedy = "write a number, or an expression such as case when circled then 200 else 100 end"
        raise RuleError(f"gives {_shown(found)}, not a number; {remedy}", expression, 0, len(expression))


def _check_tree(expression: str, names: Collection[str]) -> None:
    check_slips(expression)
    tree = parse(expression)
    for node in walk(tree):
        _check_node(node, expression, names)


def _check_node(node: Mapping[str, Any], when: str, names: Collection[str]) -> None:
    offset, length = place(node, when)
    kind = node["class"]
    if kind not in _CLASSES:
        message = _REFUSALS.get(
            kind, f"{kind.lower().replace('_', ' ')} cannot stand in a rule; compare columns"
        )
        raise RuleError(message, when, offset, length)
    check_comparison(node, when)
    if kind == "COLUMN_REF":
        _check_column(node["column_names"], when, offset, length, names)
    elif kind == "FUNCTION":
        _check_function(node["function_name"].lower(), when, offset, length)
    elif node["type"] == "ARRAY_EXTRACT":
        _check_meta(node["children"], when, offset, length)
    elif node["type"] in {"COMPARE_EQUAL", "COMPARE_NOTEQUAL"}:
        _check_words(node["left"], [node["right"]], when)
        _check_words(node["right"], [node["left"]], when)
    elif node["type"] in {"COMPARE_IN", "COMPARE_NOT_IN"}:
        _check_words(node["children"][0], node["children"][1:], when)


def _check_column(path: list[str], when: str, offset: int, length: int, names: Collection[str]) -> None:
    name = path[0].lower()
    if len(path) == 1 and name in names:
        return
    if when[offset : offset + 1] == '"':
        raise RuleError(
            f"\"{path[0]}\" names a column; write text in single quotes: '{path[0]}'", when, offset, length
        )
    if name == META.name and len(path) == 2:
        raise RuleError(f"write meta['{path[1]}']", when, offset, length)
    if len(path) > 1:
        remedy = f"write {path[-1]}" if path[-1].lower() in names else "name a column alone"
        raise RuleError(f"'{'.'.join(path)}' is no column; {remedy}", when, offset, length)
    near = _CALLED[name] if _CALLED.get(name) in names else nearest(name, names)
    if name in _ALWAYS | _NEVER:
        truth = "true" if name in _ALWAYS else "false"
        alone = len(when.strip()) == length
        remedy = f"{truth} to take {'every' if name in _ALWAYS else 'no'} clip" if alone else truth
        raise RuleError(f"'{path[0]}' is no column; write {remedy}", when, offset, length)
    if column := next((column for column, words in _CLOSED_COLUMNS.items() if name in words), ""):
        fact = f"'{path[0]}' is a value of {column}, no column"
        raise RuleError(f"{fact}; put it in single quotes: '{name}'", when, offset, length)
    if name == "day" and "recorded" in names:
        fact = f"unknown column '{path[0]}'; write recorded::date"
        raise RuleError(fact, when, offset, length)
    remedy = (
        f"did you mean '{near}'?"
        if near
        else f"`pipeline columns` lists them; text stands in single quotes: '{path[0]}'"
    )
    raise RuleError(f"unknown column '{path[0]}'; {remedy}", when, offset, length)


def _check_function(name: str, when: str, offset: int, length: int) -> None:
    pure, other = _functions()
    if name in pure:
        return
    if reason := other.get(name):
        raise RuleError(f"{name}() {reason}", when, offset, length)
    if name == "!":
        raise RuleError("'!' means nothing here; write not", when, offset, 1)
    near = nearest(name, pure)
    remedy = (
        f"did you mean '{near}'?" if near else "use columns, comparisons and plain functions such as lower()"
    )
    raise RuleError(f"unknown function '{name}'; {remedy}", when, offset, length)


def _check_meta(children: list[dict[str, Any]], when: str, offset: int, length: int) -> None:
    base, key = children
    name = _literal(key)
    if base.get("column_names", [""])[0].lower() == META.name and name in METADATA_NAMES:
        start = place(base, when)[0]
        raise RuleError(f"{name} is a column; write {name}", when, start, offset + length - start)


def _check_words(column: dict[str, Any], values: list[dict[str, Any]], when: str) -> None:
    """A comparison of `kind`, `role` or `matched` with a word that it never holds would silently match nothing."""
    if column["class"] != "COLUMN_REF":
        return
    name = column["column_names"][-1].lower()
    words = _CLOSED_COLUMNS.get(name, ())
    for value in values if words else ():
        word = _literal(value)
        if word is not None and word not in words:
            raise RuleError(
                f"{name} is never '{word}'; {did_you_mean(word, words)}", when, *place(value, when)
            )


def _literal(node: Mapping[str, Any]) -> str | None:
    literal = node.get("literal", {})
    return str(literal["text"]) if literal.get("kind") == "STRING" else None


def _type(expression: str) -> str:
    """DuckDB's name for what it gives; raises RuleError where its parts do not go together."""
    try:
        # Parsed and found pure before: all there is to reach is one row of NULLs.
        cursor = database().cursor().execute(f"SELECT ({expression}\n) FROM clips")  # noqa: S608 - looked at above
        cursor.fetchall()
    except duckdb.Error as error:
        raise translated(error, expression, len("SELECT (")) from error
    try:
        database().cursor().execute(f"SELECT TRY(({expression}\n)) FROM told_clips").fetchall()  # noqa: S608 - as above
    except duckdb.Error as error:
        # What TRY does not catch would stop the planning of every clip of a batch.
        found = translated(error, expression, len("SELECT TRY((")).message.partition(";")[0]
        fact = f"fails for some clips in a way that stops the others ({found}); write it otherwise"
        raise RuleError(fact, expression, 0, len(expression)) from error
    return str(cursor.description[0][1])


def _shown(found: str) -> str:
    words = {"VARCHAR": "text", "BOOLEAN": "true or false", '"NULL"': "nothing", "NULL": "nothing"}
    return words.get(found, f"a value ({found})")


@cache
def _functions() -> tuple[frozenset[str], Mapping[str, str]]:
    """The names a rule may call, and for the others why not."""
    rows = (
        database()
        .cursor()
        .execute("SELECT lower(function_name), function_type, stability FROM duckdb_functions()")
    )
    kinds: dict[str, set[tuple[str, str | None]]] = {}
    for name, kind, stability in rows.fetchall():
        kinds.setdefault(name, set()).add((kind, stability))
    pure = {
        name
        for name, found in kinds.items()
        if ("scalar", "CONSISTENT") in found
        and not found & {("scalar", "VOLATILE"), ("scalar", "CONSISTENT_WITHIN_QUERY")}
    }
    pure = (pure | (_MACROS & kinds.keys())) - _REFUSED
    return frozenset(pure), {name: _why_not(found) for name, found in kinds.items() if name not in pure}


def _why_not(found: set[tuple[str, str | None]]) -> str:
    kinds = {kind for kind, _ in found}
    if kinds & {"aggregate", "window"}:
        return "looks at many clips, a rule sees one; compare columns and values"
    if kinds & {"table", "table_macro", "pragma"} and "scalar" not in kinds:
        return "reads a table, a rule sees one clip; compare columns and values"
    if "macro" in kinds and "scalar" not in kinds:
        return "is not for rules; use columns, comparisons and plain functions such as lower()"
    return "does not always give the same answer; compare columns and values"
