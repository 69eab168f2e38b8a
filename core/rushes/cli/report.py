"""`pipeline report`: a shooting day as it is handed in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from rushes.api.wire import encode
from rushes.cli.completing import days
from rushes.cli.output import file_argument
from rushes.cli.text import count
from rushes.cli.view import open_view
from rushes.errors import RushesError
from rushes.report import FORMATS, as_csv, as_html, as_text

Report = Mapping[str, Any]
#: Other days that are told: nobody reads more of them.
MOST_DAYS = 5


def _text(report: Report) -> bytes:
    return as_text(report).encode()


def _html(report: Report) -> bytes:
    return as_html(report).encode()


def _json(report: Report) -> bytes:
    return encode(report) + b"\n"


_MADE: Final[Mapping[str, Callable[[Report], bytes]]] = {
    "text": _text,
    "csv": as_csv,
    "html": _html,
    "json": _json,
}


@click.command()
@file_argument
@click.option(
    "--day",
    metavar="DATE",
    default="",
    help="The shooting day, as 2026-11-22; else the last one.",
    shell_complete=days,
)
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), help="Else what the name of --out says, else text."
)
@click.option(
    "--out", metavar="PATH", type=click.Path(dir_okay=False, path_type=Path), help="Write it there."
)
@click.option("--json", "as_json", is_flag=True, help="As --format json.")
def command(file: str, day: str, kind: str | None, out: Path | None, as_json: bool) -> None:
    """Tell what a shooting day brought, as text, CSV or HTML.

    What was shot, where it went, how that was verified, what is missing. A night is of the day on which it began.
    """
    if as_json and kind not in {None, "json"}:
        raise click.UsageError("--json and --format say different things; leave one out")
    chosen = "json" if as_json else kind or _told_by(out)
    wanted = _checked(day)
    with open_view(file) as view:
        report, known = view.day(wanted), view.days()["days"]
    made = _MADE[chosen](report)
    if out is None:
        click.echo(made, nl=False)
    else:
        _write(out, made)
        click.echo(f"the report of {report['day']} is {out}", err=True)
    if not wanted and (others := [each for each in known if each["day"] != report["day"]]):
        told = [f"{each['day']} ({count(each['clips'], 'clip')})" for each in others[:MOST_DAYS]]
        click.echo(
            f"other days, with --day: {', '.join(told)}{' ...' if len(others) > MOST_DAYS else ''}", err=True
        )


def _told_by(out: Path | None) -> str:
    """The format that the ending of a file's name says."""
    ending = out.suffix.lower().lstrip(".") if out else ""
    told = next((name for name, known in FORMATS.items() if known == ending), None)
    if told is None and ending:
        known = ", ".join(f".{each}" for each in FORMATS.values())
        raise click.BadParameter(f"no format ends in .{ending}; name it {known}, or say which with --format")
    return told or "text"


def _checked(day: str) -> str:
    if not day:
        return ""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise click.BadParameter(f"{day!r:.40} is no day; write it as 2026-11-22") from error


def _write(path: Path, content: bytes) -> None:
    """Wholly or not at all: who opens it meanwhile sees the old one."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RushesError(f"{path} cannot be written ({error.strerror}); name another place") from error
