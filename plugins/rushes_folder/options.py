"""What users write for a `folder` source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from rushes import Duration, Kind, Options, Role


class FolderOptions(Options):
    """A folder to watch, with everything below it."""

    path: Annotated[Path, Field(description="the folder to watch")]
    settle: Annotated[Duration, Field(description="a file unchanged for so long is complete")] = 2.0
    patience: Annotated[
        Duration, Field(description="a broken file unchanged for so long is admitted with its problem")
    ] = 30.0
    device: Annotated[
        str, Field(description="id or name of the set's device whose recordings these all are")
    ] = ""
    growing: Annotated[bool, Field(description="admit recordings while they are written")] = False
    include: Annotated[
        tuple[str, ...], Field(description="globs of names or relative paths to admit; empty: all files")
    ] = ()
    exclude: Annotated[
        tuple[str, ...], Field(description="more globs to leave out; temporary and system files always are")
    ] = ()
    hidden: Annotated[bool, Field(description="admit files and folders whose name starts with a dot")] = False
    symlinks: Annotated[
        Literal["skip", "follow"], Field(description="whether symbolic links are looked behind")
    ] = "skip"
    watch: Annotated[
        Literal["auto", "events", "poll"],
        Field(description="OS events, polling, or what the file system allows"),
    ] = "auto"
    interval: Annotated[
        Duration | None, Field(gt=0, description="between two scans; 60s beside events, 2s when polling")
    ] = None
    kinds: dict[str, Kind] = Field(
        default_factory=dict, description="kind by extension, over the built-in table"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="role by extension, over the built-in table"
    )
