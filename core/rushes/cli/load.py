"""A pipeline file, wholly read: what `run`, `check`, `plan` and single actions begin with."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from rushes.cli.failures import about
from rushes.config.find import find_file, state_of
from rushes.config.load import load
from rushes.config.pipeline import Pipeline
from rushes.errors import ConfigError
from rushes.registry import Registry
from rushes.settings import Settings


def load_pipeline(file: str) -> Pipeline:
    """Raises ConfigError with line and column, for the first error; the further ones are its `others`."""
    return loader(file)()


def loader(file: str) -> Callable[[], Pipeline]:
    """Reads the file as often as it is called, with the plugins that are there now. Raises ConfigError."""
    path = find_file(file)
    with suppress(ConfigError):  # told when the file is read, together with all others
        about(file, state_of(path, os.environ))
    return partial(load, path, Registry.load(blocked=Settings().blocked_plugins), os.environ)
