"""What ruamel says about broken YAML, in words for people who do not know YAML's grammar."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError, StringMark

_NO_TOKEN = re.compile(r"found character ['\"](.+)['\"] that cannot start any token")
_NO_ANCHOR = re.compile(r"found undefined alias '(.*)'")


def plain_words(error: MarkedYAMLError) -> tuple[str, StringMark | None]:
    """The message, fact and remedy, and the place it is about."""
    problem = error.problem or "broken YAML"
    context = error.context or ""
    at = error.problem_mark or error.context_mark
    began = error.context_mark or error.problem_mark
    if character := _NO_TOKEN.search(problem):
        if character[1] in {"\\t", "\t"}:
            return "a tab cannot indent or separate; use spaces", at
        return f"a value cannot begin with '{character[1]}'; put it in quotes", at
    if alias := _NO_ANCHOR.search(problem):
        return f"'*{alias[1]}' names no anchor; put a text that begins with * in quotes", at
    if "quoted scalar" in context and "end of stream" in problem:
        return "this quote is never closed; close it", began
    if "flow" in context and "found '<stream end>'" in problem:
        return "a bracket is never closed; close it", at
    if "flow" in context and problem.endswith("got '{'"):
        return "'{' cannot stand here; put a value with ${NAME} in quotes, or close the bracket before it", at
    if "flow mapping" in context:
        return (
            "a ',' or '}' is missing here; write {key: value, key: value}, a text with commas or braces in quotes",
            at,
        )
    if "flow sequence" in context:
        return "a ',' or ']' is missing here; write [one, two]", at
    if "mapping values are not allowed" in problem:
        return "a ':' cannot stand here; put the text in quotes, or correct the indentation", at
    if "expected <block end>" in problem and _goes_on(at):
        return "the text goes on behind a quote or bracket; put all of it in quotes, of the other kind", at
    if "expected <block end>" in problem:
        return "this does not line up with the lines above; correct the indentation", at
    if "could not find expected ':'" in problem:
        return "no ': ' is found in this line; write 'key: value', with a space", began
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
