"""The command `pipeline`: one file per verb, imported when it is named."""

from rushes.cli.root import main

__all__ = ["main"]
