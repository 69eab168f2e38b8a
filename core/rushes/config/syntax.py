"""What ruamel says about broken YAML, in words for people who do not know YAML's grammar."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError, StringMark

_NO_TOKEN = re.compile(r"found character ['\"](.+)['\"] that cannot start any token")
_COLON = "a ':' cannot stand here; put the text in quotes, or correct the indentation"
_NO_ANCHOR = re.compile(r"found undefined alias '(.*)'")


#: Begins an entry of a block, without the space behind the dash.
_DASH = re.compile(r"\s*-[^\s-]")
#: `key:value`.
_NO_SPACE = re.compile(r"\s*(?:- )?([A-Za-z_]+:)(?=[^\s/:])")

Place = tuple[int, int]


def plain_words(error: MarkedYAMLError) -> tuple[str, Place | None]:
    """The message, fact and remedy, and the place it is about: line and column, from 0."""
    message, mark = _told(error)
    if mark is None:
        return message, None
    if message is _COLON and mark.buffer is not None:
        lines = mark.buffer.split("\n")
        above = next((at for at in range(mark.line - 1, -1, -1) if lines[at].strip()), None)
        here = lines[mark.line]
        if _DASH.match(here):
            message = "a space is missing behind '-'; write '- ' before each entry"
            return message, (mark.line, here.index("-"))
        if above is not None and (found := _NO_SPACE.match(lines[above])):
            message = f"a space is missing behind '{found[1]}'; write '{found[1]} VALUE'"
            return message, (above, found.start(1))
    return message, (mark.line, mark.column)


def _told(error: MarkedYAMLError) -> tuple[str, StringMark | None]:
    problem = error.problem or "broken YAML"
    context = error.context or ""
    at = error.problem_mark or error.context_mark
    began = error.context_mark or error.problem_mark
    if character := _NO_TOKEN.search(problem):
        if character[1] in {"\\t", "\t"}:
            return "a tab cannot indent or separate; use spaces", at
        return f"a value cannot begin with '{character[1]}'; put it in quotes", at
    if "unknown escape character" in problem:
        return "'\\' begins an escape in double quotes; put the text in single quotes, or write '/'", at
    if alias := _NO_ANCHOR.search(problem):
        return f"'*{alias[1]}' names no anchor; put a text that begins with * in quotes", at
    if "quoted scalar" in context and "end of stream" in problem:
        return "this quote is never closed; close it", began
    if "flow" in context and "found '<stream end>'" in problem:
        return "a bracket is never closed; close it", at
    if "flow" in context and problem.endswith("got '{'"):
        return "'{' cannot stand here; put a value with ${NAME} in quotes, or close the bracket before it", at
    opens = f" (its bracket opens in line {began.line + 1})" if at and began and began.line < at.line else ""
    if "flow mapping" in context:
        remedy = "write {key: value, key: value}, a text with commas or braces in quotes"
        return f"a ',' or '}}' is missing here{opens}; {remedy}", at
    if "flow sequence" in context:
        return f"a ',' or ']' is missing here{opens}; write [one, two]", at
    if "mapping values are not allowed" in problem:
        return _COLON, at
    if "expected <block end>" in problem and _goes_on(at):
        return "the text goes on behind a quote or bracket; put all of it in quotes, of the other kind", at
    if "expected <block end>" in problem:
        return "this does not line up with the lines above; correct the indentation", at
    if "could not find expected ':'" in problem:
        remedy = "write 'key: value', or indent it to go on with the line above"
        return f"no ': ' is found in this line; {remedy}", began
    if "single document" in context:
        return "a second document begins here; keep one pipeline a file and remove '---'", at
    if "block scalar" in context:
        return "a text that begins with '>' or '|' goes on in the next line; put it in quotes", at
    return f"broken YAML: {problem.splitlines()[0]}; correct it here", at


def _goes_on(mark: StringMark | None) -> bool:
    """Whether something stands before it in its line that is whole by itself, as a text in quotes."""
    if mark is None or mark.buffer is None:
        return False
    before: str = mark.buffer[mark.pointer - mark.column : mark.pointer]
    return before.rstrip().endswith(("'", '"', "}", "]"))
