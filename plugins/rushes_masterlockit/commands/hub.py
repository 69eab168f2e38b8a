"""`pipeline masterlockit hub`: a pipeline of one source, which is the hub."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import click

from rushes import RushesError
from rushes.commands import exit_on_error, run
from rushes_masterlockit.commands.group import command
from rushes_masterlockit.credentials import read_credentials
from rushes_masterlockit.options import split_address

FILE = "hub.yaml"


@command.command(
    "hub", help="Be the set's hub. Devices connect, and what they say is kept in the folder of --state."
)
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:42000", show_default=True, help="Where.")
@click.option(
    "--state",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Kept here.",
)
@click.option("--byte-order", type=click.Choice(["little", "big"]), default="little", show_default=True)
@click.option("--rate", metavar="RATE", help="The project's timecode rate, such as 25 or 29.97df.")
@click.option(
    "--exports",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Reports that devices order go here.",
)
@click.option("--accept-any", is_flag=True, help="Let in devices without checking key and signature.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@exit_on_error()
def hub(
    listen: str,
    folder: Path,
    byte_order: str,
    rate: str | None,
    exports: Path | None,
    accept_any: bool,
    as_json: bool,
) -> None:
    if not accept_any:
        read_credentials("raw")
    _must_be_free(listen)
    options = {
        "listen": listen,
        "byte_order": byte_order,
        "project_rate": rate,
        "exports": None if exports is None else str(exports.absolute()),
        "auth": "accept_any" if accept_any else None,
    }
    written = ", ".join(
        f"{name}: {json.dumps(value)}" for name, value in options.items() if value is not None
    )
    text = (
        "# Written by `pipeline masterlockit hub`, anew at each start; other verbs take this file.\n"
        f"pipeline: hub\nstate: ./state\nsources:\n  - {{id: set, use: masterlockit, {written}}}\n"
    )
    file = folder / FILE
    before = None
    try:
        before = file.read_text("utf-8") if file.exists() else None
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise RushesError(f"{file}: cannot be written ({error.strerror}); name another --state") from error
    try:
        run(file, as_json=as_json)
    except (RushesError, BaseExceptionGroup):
        # That hub did not run. Another may, whose state it is: the verbs go by its file.
        if before is not None:
            file.write_text(before, "utf-8")
        raise


def _must_be_free(listen: str) -> None:
    """A pipeline would wait for its address; who starts a hub by hand wants to know at once."""
    try:
        host, port = split_address(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from error
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        # Python adds "(while attempting to bind ...)" to what the system says.
        reason = str(error.strerror).partition(" (while")[0].lower()
        raise RushesError(f"cannot listen on {listen} ({reason}); choose another address or port") from error
