"""`pipeline masterlockit simulate`: a scripted shooting day against a hub."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rushes import ConfigError, RushesError
from rushes.commands import echo_json, exit_on_error
from rushes.timecode import Rate
from rushes_masterlockit.commands.group import command
from rushes_masterlockit.credentials import read_credentials
from rushes_masterlockit.options import split_address

if TYPE_CHECKING:
    import trio

#: The exit status of a verb that Ctrl-C ended, as of every other.
INTERRUPTED = 130


@command.command(
    "simulate",
    help="Play a scripted shooting day against a hub. Two cameras, a recorder, a slate and its tablet, a timecode "
    "generator and a lens play. The same seed says the same. Key and secret come from the environment.",
)
@click.option("--hub", metavar="HOST:PORT", default="127.0.0.1:42000", show_default=True, help="Which hub.")
@click.option("--seed", default=1, show_default=True, help="Which day, of all there could be.")
@click.option(
    "--day", "number", type=click.IntRange(1, 999), default=1, show_default=True, help="Project day."
)
@click.option("--takes", type=click.IntRange(1, 500), default=12, show_default=True, help="How many.")
@click.option(
    "--seconds", type=click.FloatRange(2, 600), default=20, show_default=True, help="Of a take, about."
)
@click.option(
    "--factor", type=click.FloatRange(0.1, 500), default=20, show_default=True, help="Faster than real time."
)
@click.option("--rate", default="25", show_default=True, help="Timecode rate, such as 25 or 29.97df.")
@click.option(
    "--media",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files of the day here, a folder for each device.",
)
@click.option("--stay", is_flag=True, help="The devices stay after the wrap, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@exit_on_error()
def simulate(
    hub: str,
    seed: int,
    number: int,
    takes: int,
    seconds: float,
    factor: float,
    rate: str,
    media: Path | None,
    stay: bool,
    as_json: bool,
) -> None:
    try:
        address, counted = split_address(hub), Rate.parse(rate)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    credentials = read_credentials("raw")

    # The screen and trio are for the verb itself, not for `--help` of all others.
    import trio  # noqa: PLC0415 - as above

    from rushes_masterlockit.commands.day_screen import Screen  # noqa: PLC0415 - as above
    from rushes_masterlockit.simulate import Media, Play, make_day  # noqa: PLC0415 - as above

    day = make_day(seed=seed, number=number, takes=takes, seconds=seconds, rate=counted)
    with Screen(day, on_stderr=as_json) as screen:
        play = Play(day, factor=factor, media=None if media is None else Media(media), tell=screen.tell)
        run = partial(play.run, address, credentials, stay=stay)
        trio.run(_until_stopped, run, partial(screen.watch, play))
        if not as_json:
            screen.end(play)
    if as_json:
        echo_json(play.document())
    if not play.wrapped:
        raise SystemExit(INTERRUPTED)
    if not play.complete:
        raise SystemExit(1)


async def _until_stopped(
    run: Callable[[trio.Event], Awaitable[None]], watch: Callable[[], Awaitable[None]]
) -> None:
    """Ctrl-C and a service manager's stop are asked for, not thrown in: what happened until then is told."""
    import trio  # noqa: PLC0415 - as above

    stop = trio.Event()

    async def listen(signals: AsyncIterator[int]) -> None:
        async for _ in signals:
            stop.set()

    failure: Exception | None = None
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen, signals)
            nursery.start_soon(watch)
            try:
                await run(stop)
            except RushesError as error:
                failure = error
            nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure
