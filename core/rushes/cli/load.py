"""A pipeline file, wholly read: what `run`, `check`, `plan` and single actions begin with."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from rushes.cli.view import find
from rushes.config.load import load
from rushes.config.pipeline import Pipeline
from rushes.registry import Registry
from rushes.settings import Settings


def load_pipeline(file: str) -> Pipeline:
    """Raises ConfigError with line and column."""
    return loader(file)()


def loader(file: str) -> Callable[[], Pipeline]:
    """Reads the file as often as it is called, with the plugins that are there now. Raises ConfigError."""
    path, _ = find(file)
    return partial(load, path, Registry.load(blocked=Settings().blocked_plugins), os.environ)
