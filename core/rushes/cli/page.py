"""The page of a run: what `pipeline run --page` means, and what is told of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import trio

from rushes.api.control import Control
from rushes.cli.text import for_file
from rushes.errors import ConfigError
from rushes.page.address import DEFAULT
from rushes.settings import Settings

if TYPE_CHECKING:
    from rushes.api.endpoint import Endpoint
    from rushes.page.serve import Page

LOG = logging.getLogger("rushes.page")


class _Address(click.ParamType[str]):
    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        # Anything but a port at its end is the pipeline's file, which came too late.
        if not text.rpartition(":")[2].isdigit():
            self.fail(f"{text!r} has no port; name the file first: pipeline run FILE --page", param, ctx)
        return text


def page_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a verb that may serve the page; they arrive as `page`, `certificate` and `key`."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option("--key", type=file, help="The key of that certificate, PEM."),
        click.option("--certificate", type=file, help="A certificate of your own for the page, PEM."),
        click.option(
            "--page",
            type=_Address(),
            is_flag=False,
            flag_value=DEFAULT,
            metavar="[ADDRESS]",
            help=f"Serve the page, at {DEFAULT} or at ADDRESS; one that others reach has TLS.",
        ),
    ):
        function = option(function)
    return function


def page_settings(page: str | None, certificate: Path | None, key: Path | None) -> Settings:
    """The settings of this machine; what was said on the command line comes first. Raises ConfigError."""
    said = {"page": page, "page_certificate": certificate, "page_key": key}
    settings = Settings(**{name: value for name, value in said.items() if value is not None})
    if (certificate or key) and not settings.page:
        raise ConfigError("--certificate and --key are for the page; say --page as well")
    return settings


@dataclass(frozen=True)
class Served:
    """A page that listens; `lines` tell where, and how to open it."""

    page: Page
    lines: Sequence[str]

    @property
    def desk(self) -> Sequence[Endpoint]:
        """What the pipeline's own socket offers about it."""
        from rushes.page.desk import desk  # noqa: PLC0415 - a run without a page needs none of it

        return desk(self.page)

    async def tell(self, say: Callable[[str], Awaitable[None]]) -> None:
        """Tell people, a line at a time."""
        for line in self.lines:
            await say(line)

    @asynccontextmanager
    async def serve(self, control: Control) -> AsyncIterator[None]:
        """Serve it while inside; its streams end on leaving."""
        from rushes.api.app import build  # noqa: PLC0415 - as above
        from rushes.page.serve import serving  # noqa: PLC0415 - as above

        closing = trio.Event()
        async with serving(self.page, build(control, closing)):
            for line in self.lines:
                LOG.info("%s", line)
            try:
                yield
            finally:
                closing.set()


@contextmanager
def open_page(settings: Settings, state: Path, file: str) -> Iterator[Served | None]:
    """The page that is asked for, listening while inside; None where none is. Raises RushesErrors in one line."""
    if not settings.page:
        yield None
        return
    from rushes.page.serve import listening  # noqa: PLC0415 - as above

    with listening(settings, state) as page:
        lines = [for_file(f"the page is at {page.url} and opens with: pipeline open FILE", file)]
        if page.certificate and not page.certificate.own:
            lines.append(f"its certificate is self-signed, SHA-256 {page.certificate.fingerprint}")
        yield Served(page, lines)
