"""A plugin for Rushes: the transform `checksum` and the sink `tus`."""

from collections.abc import Sequence

from rushes import AnySpec, Spec, hookimpl

from rushes_plugin_example.checksum import ChecksumOptions, open_checksum
from rushes_plugin_example.options import TusOptions
from rushes_plugin_example.sink import open_tus


@hookimpl
def rushes_transforms() -> Sequence[AnySpec]:
    return [
        Spec(
            name="checksum",
            summary="hands a clip on with a list of its checksum, as md5sum and sha256sum write it",
            config=ChecksumOptions,
            open=open_checksum,
        )
    ]


@hookimpl
def rushes_sinks() -> Sequence[AnySpec]:
    return [
        Spec(
            name="tus",
            summary="uploads clips to a server of the tus protocol, resuming where it stopped",
            config=TusOptions,
            open=open_tus,
            slots=2,
        )
    ]
