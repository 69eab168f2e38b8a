"""How a verb ends when it fails: a line on stderr for each error, and the exit status of the README's table."""

from __future__ import annotations

import errno
import os
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from rushes import errors
from rushes.cli.text import count, for_file, printable

FAILED: Final = 1
BAD_FILE: Final = 2
UNSETTLED: Final = 3
NOT_FOUND: Final = 4
NOT_AUTHORISED: Final = 5
BUG: Final = 70
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

#: Of the errors of a file: more than anybody mends before asking again.
MOST_TOLD: Final = 20

#: What a disk answers that takes nothing more: not ours to mend.
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: What the database makes of a Ctrl-C.
STOPPED: Final = "Query interrupted"

_FILE, _FOLDER = "rushes.file", "rushes.state"


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Around or above a verb: expected errors become one line and the right exit status, bugs a file.

    Also a decorator. Ctrl-C and a closed pipe end quietly; a traceback never reaches the user.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BaseExceptionGroup as group:
        raise SystemExit(_end_group(group)) from None
    except BrokenPipeError:
        raise SystemExit(_pipe_closed()) from None
    except errors.RushesError as error:
        raise SystemExit(_say(error)) from None
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except OSError as error:
        if error.errno not in FULL:
            raise SystemExit(_bug(error)) from None
        raise SystemExit(_nowhere(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the user sees one line
        if str(error) == STOPPED:
            raise SystemExit(INTERRUPTED) from None
        raise SystemExit(_bug(error)) from None


def about(file: str, state: Path) -> None:
    """From now on errors of this verb name that pipeline file in commands; details of bugs go to its logs."""
    if context := click.get_current_context(silent=True):
        context.meta[_FILE], context.meta[_FOLDER] = file, state


def _end_group(group: BaseExceptionGroup[BaseException]) -> int:
    """A nursery's failures: the first bug matters most, then the first expected error."""
    leaves = list(_leaves(group))
    for family in (KeyboardInterrupt, SystemExit):
        for leaf in leaves:
            if isinstance(leaf, family):
                return INTERRUPTED if family is KeyboardInterrupt else int(getattr(leaf, "code", 0) or 0)
    if any(not isinstance(leaf, errors.RushesError) for leaf in leaves):
        return _bug(group)
    first = leaves[0]
    assert isinstance(first, errors.RushesError)
    return _say(first)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _say(error: errors.RushesError) -> int:
    context = click.get_current_context(silent=True)
    file = context.meta.get(_FILE, "") if context else ""
    if isinstance(error, errors.ConfigError):
        _complain_all(error, file)
        return BAD_FILE
    _complain(f"error: {printable(for_file(str(error), file))}")
    if isinstance(error, errors.NotFound):
        return NOT_FOUND
    return NOT_AUTHORISED if isinstance(error, errors.NotAuthorised) else FAILED


def _complain_all(error: errors.ConfigError, file: str) -> None:
    """An error of a file and those found with it, each with its line of the file."""
    found = [error, *error.others]
    for each in found[:MOST_TOLD]:
        _complain(f"error: {printable(for_file(str(each), file))}")
        if each.excerpt:
            _complain("\n".join(printable(line) for line in each.excerpt.splitlines()))
    if len(found) > MOST_TOLD:
        _complain(f"and {count(len(found) - MOST_TOLD, 'error')} more; mend these first")


def _bug(error: BaseException) -> int:
    from rushes.logs.redact import redact_text  # noqa: PLC0415 - a bug is seldom, and help is instant

    text = redact_text("".join(traceback.format_exception(error)))
    reason = printable(redact_text(f"{type(error).__name__}: {error}").splitlines()[0])
    _complain(f"bug: {reason}; details in {_keep(redact_text(shlex.join(sys.argv)), text)}")
    return BUG


def _keep(command: str, text: str) -> Path:
    """Append to the log of bugs in the state folder, or to a file of its own where there is none.

    Both have no secrets any more.
    """
    context = click.get_current_context(silent=True)
    state = context.meta.get(_FOLDER) if context else None
    if isinstance(state, Path) and state.is_dir():
        try:
            (state / "logs").mkdir(exist_ok=True)
            path = state / "logs" / "bugs.log"
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {command}\n{text}\n")
        except OSError:
            pass  # a full or read-only state folder: the temporary folder is left
        else:
            return path
    handle, name = tempfile.mkstemp(prefix="rushes-bug-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)


def _complain(line: str) -> None:
    try:
        click.echo(line, err=True)
    except OSError:
        return  # nobody reads stderr any more; the exit status still tells


def _nowhere(error: OSError) -> int:
    _hush()
    _complain(f"error: it cannot be written: {error.strerror}; free some space")
    return FAILED


def _pipe_closed() -> int:
    _hush()
    return PIPE_CLOSED


def _hush() -> None:
    """Let the interpreter's last flush go nowhere instead of complaining about it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
