"""Source `folder`: watches a folder and everything below it, admits each file when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rushes import AnySpec, Spec, hookimpl
from rushes_folder.mode import notes
from rushes_folder.options import FolderOptions
from rushes_folder.source import FolderSource, open_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FolderOptions", "FolderSource", "rushes_sources"]


@hookimpl
def rushes_sources() -> Sequence[AnySpec]:
    """One source."""
    return [
        Spec(
            name="folder",
            summary="watch a folder: cards, recorders, watch folders",
            config=FolderOptions,
            open=open_folder,
            notes=notes,
        )
    ]
