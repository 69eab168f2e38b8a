"""What users write for a `folder` source."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from rushes import Kind, Options, Role

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(value: object) -> object:
    """Seconds of a number or of a text such as "500ms", "2s" or "1m"; raises ValueError."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*", value)
    if found is None:
        raise ValueError(f"'{value}' is no duration; write it as 2s, 500ms or 1m")
    return float(found[1]) * UNITS[found[2] or "s"]


Seconds = Annotated[float, BeforeValidator(seconds)]


class FolderOptions(Options):
    """A folder to watch, with everything below it."""

    path: Annotated[Path, Field(description="the folder to watch")]
    settle: Annotated[Seconds, Field(ge=0, description="a file unchanged for so long is complete")] = 2.0
    patience: Annotated[
        Seconds, Field(ge=0, description="a broken file unchanged for so long is admitted with its problem")
    ] = 30.0
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
        Seconds | None, Field(gt=0, description="between two scans; 60s beside events, 2s when polling")
    ] = None
    kinds: dict[str, Kind] = Field(
        default_factory=dict, description="kind by extension, over the built-in table"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="role by extension, over the built-in table"
    )
