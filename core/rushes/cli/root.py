"""`pipeline`: finds the verb, imports it, and ends as the README's table of exit statuses says."""

from __future__ import annotations

import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from rushes.cli import verbs
from rushes.cli.failures import INTERRUPTED, exit_on_error
from rushes.errors import RushesError


class Verbs(click.Group):
    """A group whose verbs are imported only when they are named."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Our verbs in the order of a day, then those of plugins."""
        return [*verbs.OURS, *sorted(verbs.of_plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import it now; a broken one is not there for a shell that asks."""
        try:
            return verbs.load(cmd_name)
        except RushesError:
            if ctx.resilient_parsing:
                return None
            raise

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help, from what is known without importing."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(verbs.OURS.items()))
        if points := verbs.of_plugins():
            with formatter.section("Verbs of plugins"):
                formatter.write_dl([(name, verbs.summary(points[name])) for name in sorted(points)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What a shell may put here: verbs with what the help says of them, without importing any."""
        if incomplete and not incomplete[0].isalnum():
            return super(click.Group, self).shell_complete(ctx, incomplete)
        told = dict(verbs.OURS)
        points = verbs.of_plugins()
        told |= {name: verbs.summary(points[name]) for name in sorted(points) if name.startswith(incomplete)}
        return [CompletionItem(name, help=says) for name, says in told.items() if name.startswith(incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb; an error about an unknown one names the nearest."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            from rushes.config.nearest import nearest  # noqa: PLC0415 - seldom needed

            if near := nearest(args[0], self.list_commands(ctx)):
                ctx.fail(f"No such command '{args[0]}'. Did you mean '{near}'?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; how it failed becomes a line and a status while its context still stands."""
        with exit_on_error():
            return super().invoke(ctx)


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - only when asked

        click.echo(f"pipeline {version('rushes')}")
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A FILE without a folder is looked for here, then in ./pipelines/.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
def cli() -> None:
    """Cards in, proxies out at Frame.io, and nothing lost when the plug is pulled."""


def main() -> None:
    """The entry point of the command `pipeline`."""
    try:
        with exit_on_error():
            try:
                cli(prog_name="pipeline")
            finally:
                sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
