"""`pipeline masterlockit export`: a report of the day."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from rushes import RushesError
from rushes.commands import echo_json, printable
from rushes_masterlockit.commands.filters import filtered
from rushes_masterlockit.commands.group import ask, verb

#: As `reports.KINDS`, which is not imported for `--help`.
KINDS = ("csv", "json", "shot-log", "sound-report", "slate-log")


@click.option("--kind", type=click.Choice(KINDS), required=True, help="Which report.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to; else here, by its own name.",
)
@filtered
@click.option(
    "--header",
    "headers",
    metavar="NAME=TEXT",
    multiple=True,
    help="A line of the head: mixer=A. Smith.",
)
def _export(
    file: str,
    component: str | None,
    as_json: bool,
    kind: str,
    output: Path | None,
    headers: tuple[str, ...],
    **filters: str | bool | None,
) -> None:
    arguments = {name: str(value) for name, value in filters.items() if value}
    arguments |= {"kind": kind, "header": json.dumps(dict(map(_pair, headers)))}
    facts = ask("export", file, component, arguments)
    path = output or Path(facts["name"])
    _write(path, base64.b64decode(facts["data"]))
    told: dict[str, Any] = {"file": str(path), "kind": kind, "clips": facts["clips"], "claps": facts["claps"]}
    if as_json:
        echo_json(told)
    else:
        click.echo(f"{printable(str(path))}: {_count(facts, kind)}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.BadParameter(f"'{text}' is not NAME=TEXT", param_hint="--header")
    return name.strip(), value.strip()


def _count(facts: Any, kind: str) -> str:
    what = "claps" if kind == "slate-log" else "clips"
    count = facts[what]
    return f"{count} {what.removesuffix('s') if count == 1 else what}"


def _write(path: Path, data: bytes) -> None:
    """Under a temporary name first: a report that was there stays whole until the new one is."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            os.fchmod(stream.fileno(), 0o644)
        os.replace(temporary, path)  # noqa: PTH105 - the name is a plain string
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - as above
        raise RushesError(
            f"{path}: cannot be written ({error.strerror}); name another file with -o"
        ) from error


export = verb("Write a report: clips as CSV or JSON, shot log, sound report or slate log as .xlsx.")(_export)
