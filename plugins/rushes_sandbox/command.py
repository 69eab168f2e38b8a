"""Run a local Camera to Cloud service over HTTPS, to develop and test against, and act on one that runs."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import trio

from rushes import ConfigError
from rushes_sandbox.authority import LOOPBACK
from rushes_sandbox.book import Settings
from rushes_sandbox.quantities import DURATION, SIZE
from rushes_sandbox.remote import noted
from rushes_sandbox.server import open_sandbox
from rushes_sandbox.verb import STATE
from rushes_sandbox.verbs import VERBS

#: Any client id is accepted; this one is offered to who has none.
CLIENT_ID = "rushes-sandbox-client"


def _run(port: int, state: Path | None, as_json: bool, rate_limits: bool, listen: str, **values: Any) -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    if state is None:
        raise click.UsageError("Missing option '--state'.")
    settings = Settings(**values) if rate_limits else Settings(**values, rates={})
    failure: BaseException | None = None
    try:
        trio.run(_serve, (listen, port), state, as_json, settings)
    except* (ConfigError, OSError) as group:
        failure = group
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    if failure is not None:
        click.echo(f"sandbox: {failure}", err=True)
        sys.exit(2)


async def _serve(place: tuple[str, int], state: Path, as_json: bool, settings: Settings) -> None:
    """Until SIGINT or SIGTERM; SIGHUP starts again on the same port."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
        announced = False
        listen, port = place
        while True:
            async with open_sandbox(state, port=port, settings=settings, listen=listen) as sandbox:
                found = {"url": sandbox.url, "ca_file": str(sandbox.ca_file), "pid": os.getpid()}
                port = int(sandbox.url.rpartition(":")[2])
                with noted(state, found):
                    if not announced:
                        _announce(
                            {**found, "client_id": CLIENT_ID, "client_secret": sandbox.client_secret}, as_json
                        )
                        announced = True
                    if await anext(signals) != signal.SIGHUP:
                        return


def _announce(facts: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts), flush=True)
        return
    for name, value in facts.items():
        print(f"{name:<14} {value}", flush=True)


def _duration(name: str, default: str, help_: str) -> click.Option:
    return click.Option([name], type=DURATION, default=default, show_default=True, help=help_)


def _size(name: str, default: str, help_: str) -> click.Option:
    return click.Option([name], type=SIZE, default=default, show_default=True, help=help_)


command = click.Group(
    "sandbox",
    callback=_run,
    invoke_without_command=True,
    commands=VERBS,
    help="Run a Camera to Cloud service on this machine, over HTTPS, until Ctrl-C; or act on one that runs.",
    params=[
        click.Option(
            ["--port"], type=click.IntRange(0, 65535), default=8443, show_default=True, help="0: any."
        ),
        click.Option(
            ["--listen"],
            default=LOOPBACK,
            show_default=True,
            help="Address; others are for a test's own network.",
        ),
        click.Option(["--state"], type=STATE, help="Folder that remembers devices and assets."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document."),
        _size("--part-size", "25MiB", "Bytes of a part."),
        _size("--smallest-part", "5MiB", "Of a part that is not the last."),
        _duration("--token-life", "8h", "Of access tokens."),
        _duration("--refresh-life", "336h", "Of refresh tokens."),
        _duration("--code-life", "2m", "Of the six digits."),
        _duration("--url-life", "24h", "Of part urls."),
        _duration("--interval", "5s", "Between polls."),
        _duration("--idle-cut", "60s", "A socket without a heartbeat is closed after it."),
        _duration("--minute", "60s", "Between identity calls, and between heartbeats."),
        click.Option(
            ["--rate-limits/--no-rate-limits"], default=True, show_default=True, help="429 above them."
        ),
        click.Option(["--retry-after"], is_flag=True, help="Send that header with a 429."),
        click.Option(
            ["--channel-model", "channel_models"],
            multiple=True,
            help="Device model of sub-devices; else any.",
        ),
        click.Option(["--channels-at-zero"], is_flag=True, help="Give every channel the index 0."),
        click.Option(["--project", "projects"], multiple=True, help="One more project."),
        click.Option(
            ["--c2c/--no-c2c"],
            default=True,
            show_default=True,
            help="Whether the user has an account with it.",
        ),
    ],
)
