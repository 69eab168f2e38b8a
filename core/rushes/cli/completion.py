"""`pipeline completion`: what makes a shell complete verbs, options, files, jobs and clips."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

#: Where the output of each goes to stay.
_HINTS: Final = {
    "bash": '# Now: eval "$(pipeline completion bash)"; for good, put that line into ~/.bashrc.',
    "zsh": '# Now: eval "$(pipeline completion zsh)"; for good, put that line into ~/.zshrc, behind compinit.',
    "fish": "# Now: pipeline completion fish | source; for good:"
    " pipeline completion fish > ~/.config/fish/completions/pipeline.fish",
}  # fmt: skip
#: By which the script asks: click's own name for it.
VARIABLE: Final = "_PIPELINE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(list(_HINTS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete these verbs.

    The first line says how to have it for good.
    """
    made = get_completion_class(shell)
    assert made is not None  # click brings all three
    root = ctx.find_root().command
    # Its source, not `source()`: that runs bash to look at its version.
    completer = made(root, {}, "pipeline", VARIABLE)
    click.echo(_HINTS[shell])
    click.echo(completer.source_template % completer.source_vars())
