"""What of a route is an expression over a clip's columns: `when`, `priority` and what it waits for."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, field_validator

from rushes import rules
from rushes.columns import NAMES
from rushes.config.components import is_null
from rushes.config.document import Entries, Items, Scalar, kind_of
from rushes.config.nearest import nearest
from rushes.config.options import Reader, veiled
from rushes.config.pipeline import MOST_PRIORITY, Wait
from rushes.config.places import mark_opens
from rushes.config.types import Duration

#: Picture and sound found each other, or there is no sound to wait for.
SOUND = "matched = 'matched' or coalesce(mos, false)"
_MOST_WAIT = 366 * 86400.0
_PRIORITIES = "write priority: 100, or an expression such as case when circled then 200 else 100 end"
_WORD = re.compile(r"[a-z]\w*")
_CONDITION = "write conditions, as in kind = 'video' and circled"
_EXAMPLE = "{for: sound, at_most: 10m}"


class _WaitKeys(BaseModel):
    model_config = ConfigDict(extra="forbid")
    at_most: Duration

    @field_validator("at_most")
    @classmethod
    def _some_time(cls, seconds: float) -> float:
        if not 0 < seconds <= _MOST_WAIT:
            raise ValueError("must be more than 0s and at most 366d; write one such as 10m")
        return seconds


class Conditions:
    """Reads them; what is wrong is noted, with its place within the expression, and None is given."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def when(self, node: Entries, thing: str, *, optional: bool) -> str | None:
        """The route's rule; `true` where it is `optional` and not there."""
        value = node.get("when")
        if value is None:
            if optional:
                return "true"
            fact = f"{thing}: 'when' is missing; add when: true to take every clip"
            self._reader.problem(node.mark, fact)
            return None
        if not isinstance(value, Scalar):
            remedy = "join its conditions with and" if isinstance(value, Items) else _CONDITION
            if mark_opens(value.mark):
                remedy = "put it in quotes"
            fact = f"{thing}: when: {kind_of(value)} where a rule is needed; {remedy}"
            self._reader.problem(value.mark, fact)
            return None
        return self._checked(value, f"{thing}: when", rules.check)

    def priority(self, node: Entries, thing: str) -> int | str | None:
        """A number, or an expression that gives one."""
        if "priority" not in node.entries:
            return 0
        key, value = node.entries["priority"]
        name = f"{thing}: priority"
        if not isinstance(value, Scalar) or is_null(value):
            fact = f"{name}: {kind_of(value)} where a number or an expression is needed; write priority: 100"
            self._reader.problem(key.mark if is_null(value) else value.mark, fact)
            return None
        expanded = self._reader.expand(value, name)
        if expanded is None:
            return None
        try:
            # A whole number may come from the environment as text.
            number = expanded.value if isinstance(expanded.value, int) else int(expanded.text)
        except ValueError:
            return self._checked(value, name, _check_priority)
        if isinstance(number, bool):
            fact = "true or false where a number is needed"
            self._reader.problem(value.mark, f"{name}: {fact}; {_PRIORITIES}")
            return None
        if abs(number) > MOST_PRIORITY:
            limit = f"must be at {'most ' if number > 0 else 'least -'}{MOST_PRIORITY}"
            self._reader.problem(value.mark, f"{name}: {limit}")
            return None
        return number

    def wait(self, node: Entries, thing: str, *, live: bool) -> Wait | None:
        """What its jobs wait for, if anything."""
        if "wait" not in node.entries:
            return None
        key, value = node.entries["wait"]
        name = f"{thing}: wait"
        if not isinstance(value, Entries):
            fact = f"{name}: {kind_of(value)} where 'for' and 'at_most' are needed; write {_EXAMPLE}"
            self._reader.problem(key.mark if is_null(value) else value.mark, fact)
            return None
        if live:
            fact = f"{name}: a live route starts while a clip is recorded and cannot wait; remove one of them"
            self._reader.problem(key.mark, fact)
        keys = self._reader.options(value, _WaitKeys, name, without={"for"})
        awaited = value.get("for")
        if not isinstance(awaited, Scalar) or is_null(awaited):
            fact = (
                "'for' is missing" if awaited is None else f"for: {kind_of(awaited)} where a rule is needed"
            )
            mark = value.mark if awaited is None else awaited.mark
            self._reader.problem(mark, f"{name}: {fact}; write for: sound, or a rule")
            return None
        what = self._reader.text(awaited, f"{name}: for")
        if what is None:
            return None
        rule = SOUND if what == "sound" else self._checked(awaited, f"{name}: for", rules.check)
        return Wait(what=what, rule=rule, at_most=keys.at_most) if rule and keys else None

    def _checked(self, value: Scalar, name: str, check: Callable[[str], None]) -> str | None:
        """The expression, once `check` has found nothing wrong with it."""
        expanded = self._reader.expand(value, name)
        if expanded is None:
            return None
        try:
            check(expanded.text)
        except rules.RuleError as error:
            message = veiled(error.message, expanded.outside)
            if name.endswith("for") and nearest(expanded.text, ["sound"]):
                message = f"'{expanded.text}' is no rule; did you mean 'sound'?"
            self._reader.part_problem(value, expanded, error.offset, error.length, name, message)
            return None
        return expanded.text


def _check_priority(expression: str) -> None:
    """Raise RuleError unless it is an expression that gives a number; a word is told as no number."""
    if not expression.strip():
        raise rules.RuleError(f"is empty; {_PRIORITIES}", expression)
    word = expression.strip().lower()
    if re.match(r"\d+[a-z]", word) and not re.fullmatch(r"\d+e\d+", word):
        fact = f"'{expression.strip()}' is neither a number nor a column; {_PRIORITIES}"
        raise rules.RuleError(fact, expression, 0, len(expression))
    if _WORD.fullmatch(word) and word not in NAMES and not nearest(word, NAMES, alike=0.85):
        fact = f"'{expression.strip()}' is neither a number nor a column; {_PRIORITIES}"
        raise rules.RuleError(fact, expression, 0, len(expression))
    rules.check_number(expression)
