"""`pipeline open`: a one-time link to the page of a running pipeline, in the browser, as a QR code, to be typed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import click

from rushes.api.client import Client
from rushes.cli.output import echo_json, echo_lines, file_argument, json_option
from rushes.cli.qr import qr_on_terminal
from rushes.cli.text import count, for_file
from rushes.cli.view import find, running
from rushes.errors import NotFound, RushesError

#: What a desktop session sets, and who chooses a browser by hand.
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
STEPPING_STONE = "open.html"


@click.command()
@file_argument
@click.option("--no-browser", is_flag=True, help="Print the link, open nothing.")
@click.option(
    "--minutes", type=click.IntRange(1, 60), default=10, show_default=True, help="How long it is good."
)
@click.option(
    "--token", metavar="NAME", help="Print a token for a program of that name instead; it only reads."
)
@click.option("--write", is_flag=True, help="With --token: it may change things too.")
@click.option("--forget", is_flag=True, help="End all sessions instead, those of programs too.")
@json_option
def command(
    file: str, no_browser: bool, minutes: int, token: str | None, write: bool, forget: bool, as_json: bool
) -> None:
    """Open the page of a running pipeline in a browser.

    The link signs one browser in, once. A tablet takes the QR code, or the code by hand.
    """
    if (forget and token) or (write and not token):
        raise click.UsageError("--forget stands alone, --write only beside --token NAME")
    client = running(file)
    if client is None:
        raise RushesError(
            for_file(f"{file}: the pipeline does not run; start it: pipeline run FILE --page", file)
        )
    try:
        if forget:
            _forget(client, as_json=as_json)
        elif token is not None:
            _token(client, token, write=write, as_json=as_json)
        else:
            _link(client, file, minutes, browser=not no_browser, as_json=as_json)
    except NotFound as error:
        fact = "the pipeline runs without its page; start it again"
        raise RushesError(for_file(f"{file}: {fact}: pipeline run FILE --page", file)) from error


def _link(client: Client, file: str, minutes: int, *, browser: bool, as_json: bool) -> None:
    made = client.link(minutes)
    if as_json:
        echo_json(made)
        return
    echo_lines(link_lines(made))
    if not made["local"]:
        qr_on_terminal(made["url"])
    if browser and any(os.environ.get(name) for name in DISPLAYS):
        _browse(made["url"], find(file)[1])


def link_lines(made: Mapping[str, Any]) -> Iterator[str]:
    """The link and the code, and what to hold against the browser's warning."""
    yield f"link  {made['url']}"
    yield f"code  {made['code']}  (to be typed at {made['page']})"
    if made["others"]:
        yield f"the page is also at {' '.join(made['others'])}"
    yield f"either is good once, for {count(made['expires_in'] // 60, 'minute')}"
    if made["fingerprint"]:
        yield "the browser will warn of the certificate; look whether it is the one with the SHA-256"
        yield made["fingerprint"]


def _browse(url: str, state: Path) -> None:
    """By way of a private file: what a browser is started with can be read by everybody on this machine."""
    from rushes.commands import browse  # noqa: PLC0415 - not every link goes to a browser
    from rushes.page.keeping import FOLDER, write_private  # noqa: PLC0415 - as above

    stone = state / FOLDER / STEPPING_STONE
    page = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={escape(url)}">'
    try:
        write_private(stone, page.encode())
    except OSError:
        return  # the link is on the screen
    if not browse(stone.resolve().as_uri()):
        click.echo("no browser could be opened: use the link", err=True)


def _token(client: Client, name: str, *, write: bool, as_json: bool) -> None:
    made = client.token(name, write=write)
    if as_json:
        echo_json(made)
        return
    click.echo(made["token"])
    if sys.stdout.isatty():
        may = "reads and changes" if write else "only reads"
        click.echo(
            f"it {may}, and is not shown again: Authorization: Bearer TOKEN, at {made['page']}", err=True
        )


def _forget(client: Client, *, as_json: bool) -> None:
    told = client.forget()
    if as_json:
        echo_json(told)
    else:
        click.echo(f"{count(told['forgotten'], 'session')} ended; browsers and programs sign in again")
