"""What users write for a `disk` sink, and for it in a route."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from rushes import ConfigError, Options, Template
from rushes_disk.space import free_bytes, readable


class DiskOptions(Options):
    path: Path = Field(description="An existing folder; what is copied goes below it.")
    folder: Template | None = Field(
        None, description="Folders below `path`, as in `{project}/{day}/{roll}`; else those of the card."
    )


class DiskWishes(Options):
    """What a route may say: `to: [{sink: raid, folder: "{day}/{roll}"}]`."""

    folder: Template = Field(..., description="In place of the sink's `folder`.")


def notes(options: DiskOptions) -> Sequence[str]:
    """What the options mean here: the free space, or that the folder is not there now."""
    if options.path.exists() and not options.path.is_dir():
        raise ConfigError(f"{options.path} is not a folder; name the folder that the cards' folders go into")
    if not options.path.is_dir():
        return [f"{options.path}: not there now; clips for it will wait"]
    return [f"{options.path}: {readable(free_bytes(options.path))} free"]
