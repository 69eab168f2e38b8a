"""`${NAME}` and `${NAME:-default}` in the values of a pipeline file; `$${` stands for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


class SubstitutionError(ValueError):
    """What is wrong with a reference, and its place in the text."""

    def __init__(self, message: str, offset: int, length: int) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length


def substitute(text: str, environment: Mapping[str, str]) -> str:
    """The text with its references replaced; a default stands in for a variable that is not set or empty.

    Raises SubstitutionError for a variable that is not set and has no default, and for a malformed reference.
    """

    def replace(match: re.Match[str]) -> str:
        literal, name, default = match.groups()
        if literal:
            return literal
        length = match.end() - match.start()
        if name is None:
            raise SubstitutionError(
                "'${' begins no reference; write ${NAME}, ${NAME:-default}, or $${ for the two characters",
                match.start(),
                length,
            )
        value = environment.get(name, "")
        if value:
            return value
        if default is not None:
            return default
        if name in environment:
            return ""
        raise SubstitutionError(
            f"environment variable {name} is not set; set it, or give a default as ${{{name}:-value}}",
            match.start(),
            length,
        )

    return _REFERENCE.sub(replace, text)
