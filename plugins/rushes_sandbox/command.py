"""Run a local Camera to Cloud service over HTTPS, to develop and test against."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
import trio
from pydantic import TypeAdapter, ValidationError

from rushes import ConfigError, Duration, Size
from rushes_sandbox.book import Settings
from rushes_sandbox.server import Sandbox, open_sandbox

#: Any client id is accepted; this one is offered to who has none.
CLIENT_ID = "rushes-sandbox-client"


class _Quantity(click.ParamType[float]):
    """A size or duration above 0, written as in a pipeline file."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._kind = TypeAdapter[float](kind)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = self._kind.validate_python(value)
        except ValidationError as error:
            self.fail(str(error.errors()[0]["ctx"]["error"]), param, ctx)
        if not number:
            self.fail(f"{value!r} must be above 0", param, ctx)
        return number


_SIZE = _Quantity("size", Size)
_DURATION = _Quantity("duration", Duration)


def _run(
    port: int,
    state: Path,
    as_json: bool,
    part_size: float,
    token_life: float,
    url_life: float,
    interval: float,
) -> None:
    settings = Settings(part_size=int(part_size), token_life=token_life, url_life=url_life, interval=interval)
    failure: BaseException | None = None
    try:
        trio.run(_serve, port, state, as_json, settings)
    except* (ConfigError, OSError) as group:
        failure = group
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    if failure is not None:
        click.echo(f"sandbox: {failure}", err=True)
        sys.exit(2)


async def _serve(port: int, state: Path, as_json: bool, settings: Settings) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with open_sandbox(state, port=port, settings=settings) as sandbox:
            _announce(sandbox, as_json)
            async for _number in signals:
                break


def _announce(sandbox: Sandbox, as_json: bool) -> None:
    facts = {
        "url": sandbox.url,
        "ca_file": str(sandbox.ca_file),
        "pid": os.getpid(),
        "client_id": CLIENT_ID,
        "client_secret": sandbox.client_secret,
    }
    if as_json:
        print(json.dumps(facts), flush=True)
        return
    for name, value in facts.items():
        print(f"{name:<14} {value}", flush=True)


command = click.Command(
    "sandbox",
    callback=_run,
    help="Run a Camera to Cloud service on this machine, over HTTPS, until Ctrl-C.",
    params=[
        click.Option(
            ["--port"], type=click.IntRange(0, 65535), default=8443, show_default=True, help="0: any."
        ),
        click.Option(
            ["--state"],
            type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
            required=True,
            help="Folder that remembers devices and assets.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document."),
        click.Option(
            ["--part-size"], type=_SIZE, default="25MiB", show_default=True, help="Bytes of a part."
        ),
        click.Option(
            ["--token-life"], type=_DURATION, default="8h", show_default=True, help="Of access tokens."
        ),
        click.Option(["--url-life"], type=_DURATION, default="24h", show_default=True, help="Of part urls."),
        click.Option(["--interval"], type=_DURATION, default="5s", show_default=True, help="Between polls."),
    ],
)
