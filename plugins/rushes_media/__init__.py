"""The annotator `probe` and the transform `proxy`.

Importing this package loads neither PyAV nor ffmpeg's binding: those live in the worker processes.
"""

from collections.abc import Sequence

from rushes import AnySpec, hookimpl
from rushes_media.probe import PROBE
from rushes_media.proxy import PROXY


@hookimpl
def rushes_annotators() -> Sequence[AnySpec]:
    return [PROBE]


@hookimpl
def rushes_transforms() -> Sequence[AnySpec]:
    return [PROXY]
