"""Sink `disk`: verified copies on a folder, by card or by what is known of a clip."""

from __future__ import annotations

from collections.abc import Sequence

from rushes import AnySpec, Spec, hookimpl
from rushes_disk.options import DiskOptions, DiskWishes, notes
from rushes_disk.sink import open_sink


@hookimpl
def rushes_sinks() -> Sequence[AnySpec]:
    return [
        Spec(
            name="disk",
            summary="Copies clips to a folder, reads them back, and never overwrites a different file.",
            config=DiskOptions,
            open=open_sink,
            wishes=DiskWishes,
            notes=notes,
        )
    ]
