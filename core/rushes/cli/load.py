"""A pipeline file, wholly read: what `run`, `check`, `plan` and single actions begin with."""

from __future__ import annotations

import os

from rushes.cli.view import find
from rushes.config.load import load
from rushes.config.pipeline import Pipeline
from rushes.registry import Registry
from rushes.settings import Settings


def load_pipeline(file: str) -> Pipeline:
    """Raises ConfigError with line and column."""
    path, _ = find(file)
    return load(path, Registry.load(blocked=Settings().blocked_plugins), os.environ)
