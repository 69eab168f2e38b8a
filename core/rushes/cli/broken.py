"""A broken pipeline file as a document: what `--json` prints of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from rushes.cli.failures import BAD_FILE
from rushes.cli.output import echo_json
from rushes.config.places import FileError
from rushes.errors import ConfigError


@contextmanager
def broken_as_json(as_json: bool) -> Iterator[None]:
    """Around what reads a file: with `--json` its errors are the one document of the verb, which ends with 2."""
    try:
        yield
    except ConfigError as error:
        if not as_json:
            raise
        echo_json({"errors": [_document(each) for each in (error, *error.others)]})
        click.get_current_context().exit(BAD_FILE)


def _document(error: ConfigError) -> dict[str, Any]:
    """`line` and `column` count from 1, None where there is no place; `remedy` is "" where the fact says it."""
    fact, _, remedy = error.message.rpartition("; ")
    file, line, column = error.where or None, None, None
    if isinstance(error, FileError):
        mark = error.mark
        file, line, column = str(mark.source.file), mark.line + 1, mark.column + 1
    return {
        "file": file,
        "line": line,
        "column": column,
        "message": fact or error.message,
        "remedy": remedy if fact else "",
    }
