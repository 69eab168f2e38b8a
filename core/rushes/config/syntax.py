"""What ruamel says about broken YAML, in words for people who do not know YAML's grammar."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError, StringMark

from rushes.config.lines import Place, around, before_colon, no_colon, without_dash
from rushes.config.places import BREAK

_NO_TOKEN = re.compile(r"found character ['\"](.+)['\"] that cannot start any token")
_COLON = "a ':' cannot stand here; put the text in quotes, or correct the indentation"
_NO_ANCHOR = re.compile(r"found undefined alias '(.*)'")
_WITHIN = "a quote within quotes ends the text here; put the text in quotes of the other kind"
_CLOSES = {"]": "[", "}": "{"}


def plain_words(error: MarkedYAMLError) -> tuple[str, Place | None]:
    """The message, fact and remedy, and the place it is about: line and column, from 0."""
    message, mark = _told(error)
    if mark is None:
        return message, None
    if mark.buffer is not None:
        lines = [*BREAK.split(mark.buffer), ""]
        blame = around(lines, mark.line)
        if not blame and message is _COLON:
            blame = before_colon(lines, mark.line)
        if blame:
            return blame
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
    if "unknown escape character" in problem or "expected escape sequence" in problem:
        return "'\\' begins an escape in double quotes; put the text in single quotes, or write '/'", at
    if alias := _NO_ANCHOR.search(problem):
        return f"'*{alias[1]}' names no anchor; put a text that begins with * in quotes", at
    if "expected alphabetic or numeric character" in problem:
        return "a value that begins with * or & names an anchor; put the text in quotes", began
    if "quoted scalar" in context and "end of stream" in problem:
        return "this quote is never closed; close it", began
    if "flow" in context and "found '<stream end>'" in problem:
        return "a bracket is never closed; close it", at
    if "flow" in context and problem.endswith("got '{'"):
        return "'{' cannot stand here; put a value with ${NAME} in quotes, or close the bracket before it", at
    if "expected the node content" in problem:
        return "a value is missing here; write one, or remove the ','", at
    if _behind_quote(at) and ("flow" in context or "expected <block end>" in problem):
        return _WITHIN, at
    opens = f" (its bracket opens in line {began.line + 1})" if at and began and began.line < at.line else ""
    if "flow mapping" in context and problem.endswith("got ']'"):
        return f"a ']' closes no '{{'{opens}; write '}}'", at
    if "flow sequence" in context and problem.endswith("got '}'"):
        return f"a '}}' closes no '['{opens}; write ']'", at
    if "flow mapping" in context:
        remedy = "write {key: value, key: value}, a text with commas or braces in quotes"
        return f"a ',' or '}}' is missing here{opens}; {remedy}", at
    if "flow sequence" in context:
        return f"a ',' or ']' is missing here{opens}; write [one, two]", at
    if "mapping values are not allowed" in problem:
        return _COLON, at
    if "sequence entries are not allowed" in problem:
        return "an entry cannot begin behind a key; write it in the next line, or put the text in quotes", at
    if "mapping keys are not allowed" in problem:
        return "a value cannot begin with '?'; put it in quotes", at
    return _of_block(problem, context, at, began)


def _of_block(
    problem: str, context: str, at: StringMark | None, began: StringMark | None
) -> tuple[str, StringMark | None]:
    if "expected <block end>" in problem and (bracket := _under(at)) in _CLOSES:
        return f"a '{bracket}' closes nothing; remove it, or open a '{_CLOSES[bracket]}'", at
    if "expected <block end>" in problem and _goes_on(at):
        return "the text goes on behind a quote or bracket; put all of it in quotes, of the other kind", at
    if "expected <block end>" in problem and (key := _without_dash(at)):
        fact = f"'{key}' belongs to no entry of the list above"
        return f"{fact}; indent it to go on with the last, or begin another with '- {key}: ...'", at
    if "expected <block end>" in problem:
        return "this does not line up with the lines above; correct the indentation", at
    if "could not find expected ':'" in problem:
        remedy = "write 'key: value', or indent it to go on with the line above"
        return (_no_colon(began) or f"no ': ' is found in this line; {remedy}"), began
    if "single document" in context:
        return "a second document begins here; keep one pipeline a file and remove '---' or '...'", at
    if "<document start>" in problem:
        return "the line above is whole by itself; write 'key: value' in each line", at
    if "block scalar" in context:
        return "a text that begins with '>' or '|' goes on in the next line; put it in quotes", at
    return f"broken YAML: {problem.splitlines()[0]}; correct it here", at


def _under(mark: StringMark | None) -> str:
    """The character that stands there."""
    return mark.buffer[mark.pointer : mark.pointer + 1] if mark and mark.buffer is not None else ""


def _before(mark: StringMark | None) -> str:
    """What stands before it in its line."""
    return mark.buffer[mark.pointer - mark.column : mark.pointer] if mark and mark.buffer is not None else ""


def _behind_quote(mark: StringMark | None) -> bool:
    """Whether a text in quotes ends right before it, and something that is no sign of YAML's begins."""
    return _before(mark).endswith(("'", '"')) and (_under(mark).isalnum() or _under(mark) in {"'", '"'})


def _goes_on(mark: StringMark | None) -> bool:
    """Whether something stands before it in its line that is whole by itself, as a text in quotes."""
    return _before(mark).rstrip().endswith(("'", '"', "}", "]"))


def _no_colon(mark: StringMark | None) -> str | None:
    if mark is None or mark.buffer is None:
        return None
    return no_colon([*BREAK.split(mark.buffer), ""][mark.line])


def _without_dash(mark: StringMark | None) -> str:
    if mark is None or mark.buffer is None:
        return ""
    return without_dash([*BREAK.split(mark.buffer), ""], mark.line, mark.column)
