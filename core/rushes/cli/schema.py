"""`pipeline schema`: what an editor completes a pipeline file from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from rushes.config.schema import make
from rushes.errors import RushesError
from rushes.registry import Registry
from rushes.settings import Settings


@click.command()
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it there, not to stdout.")
def command(out: Path | None) -> None:
    """Print the JSON schema that editors complete a pipeline file from."""
    made = make(Registry.load(blocked=Settings().blocked_plugins))
    for line in made.left_out:
        click.echo(line, err=True)
    text = json.dumps(made.document, indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RushesError(f"{out}: {error.strerror}; name a file that can be written") from None
