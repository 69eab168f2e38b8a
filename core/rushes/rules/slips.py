"""What people write in a rule that SQL reads otherwise, or not at all: found in its text, before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Callable

from rushes.config.lookalikes import SPACE, named, no_space
from rushes.rules.syntax import RuleError

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_TIME = r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?"

_SIGNS = {"≠": "<>", "≤": "<=", "≥": ">=", "===": "=", ":=": "=", "=<": "<=", "=>": ">="}

Message = Callable[[re.Match[str]], str]

#: Outside of quotes; what is wrong where one is found: fact and remedy.
_SLIPS: tuple[tuple[re.Pattern[str], Message], ...] = (
    (
        re.compile(rf"(?<![\w.])\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}(?!\w)"),
        lambda found: f"{found[0]} without quotes is a subtraction; write '{found[0]}'",
    ),
    (
        re.compile(rf"(?<![\w.])\d{{1,4}}([./])\d{{1,2}}\1\d{{2,4}}{_TIME}(?![\w.])"),
        lambda found: f"{found[0]} is no date; write the year first and quotes, as in '2026-11-22'",
    ),
    (
        re.compile(r"[‘’“”„‚«»‹›]([^‘’“”„‚«»‹›'\"]*)[‘’“”«»‹›]?"),
        lambda found: f"typographic quotes hold no text; write straight ones: '{found[1].strip()}'",
    ),
    (
        re.compile(r"[`´]([^`´'\"]*)[`´]?"),
        lambda found: f"backquotes hold no text; write straight single ones: '{found[1].strip()}'",
    ),
    (SPACE, lambda found: no_space(found[0])),
    (re.compile("[\u2010-\u2015\u2212]"), lambda found: f"{named(found[0])} is no minus; write '-'"),
    (re.compile("[≠≤≥]"), lambda found: f"'{found[0]}' means nothing here; write {_SIGNS[found[0]]}"),
    (re.compile(r"===|:=|=<|=>"), lambda found: f"'{found[0]}' compares nothing; write {_SIGNS[found[0]]}"),
    (re.compile(r"[=!]~"), lambda found: f"'{found[0]}' compares nothing; write regexp_matches(name, 'PATTERN')"),
    (re.compile(r"^\s*(select|where|if|when)\b(?!\s*\()", re.IGNORECASE), lambda found: (
        f"'{found[1]}' cannot begin a rule; write the condition alone, as in kind = 'video'"
    )),
    (
        re.compile(r"(?<=[\w')])#"),
        lambda _: "a rule has no '#'; begin a comment with ' #', and put text in single quotes",
    ),
    (re.compile(r";"), lambda _: "a rule has no ';'; write one expression without it"),
    (re.compile(r"(?<!\$)\{(\w+)\}"), lambda found: f"a rule has no braces; write {found[1]}"),
    (
        re.compile(r"\blike\s+(\w*[%*][\w%*]*)", re.IGNORECASE),
        lambda found: f"a pattern stands in single quotes; write like '{found[1].replace('*', '%')}'",
    ),
    (
        re.compile(r"\b(?!and\b|or\b|not\b|when\b)([a-z_]\w*)\s+(not)\s+(?=')", re.IGNORECASE),
        lambda found: f"'not' compares nothing; write {found[1]} <> 'TEXT'",
    ),
)  # fmt: skip


def check_slips(when: str) -> None:
    """Raise RuleError for the first of them."""
    bare = _QUOTED.sub(lambda quoted: "'" + " " * (len(quoted[0]) - 2) + "'", when)
    found = [(match.start(), match, message) for slip, message in _SLIPS if (match := slip.search(bare))]
    if found:
        _, match, message = min(found, key=lambda each: each[0])
        start = match.end() - len(match[0].lstrip())
        raise RuleError(message(match), when, start, match.end() - start)
