"""The functions that run in a worker process, through `context.call`.

A function is sent to a worker by its name, so the engine has to import the module that holds it. The
libraries behind it (PyAV, wavinfo, ffmpeg-python) take a third of a second to import and may crash on a bad
file: only the worker may load them. Therefore this module imports nothing heavy and names the modules that do
to `import_module`; a worker keeps them after its first call.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from rushes_media.facts import Facts
from rushes_media.form import Form


def probe_file(path: str, kind: str, *, count: bool = False) -> Facts:
    """What the file at `path` is; see `rushes_media.look.look`. OSError when it cannot be read."""
    try:
        return cast("Facts", import_module("rushes_media.look").look(path, kind, count=count))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  (a hostile file may raise anything in any reader, and is one clip)
        return Facts(problem=f"the reader fails on it: {type(error).__name__}: {error}")


def proxy_command(source: str, target: str, facts: Facts, form: Form, tags: Mapping[str, str]) -> list[str]:
    """The ffmpeg command that makes a proxy; see `rushes_media.graph.command`."""
    return cast("list[str]", import_module("rushes_media.graph").command(source, target, facts, form, tags))
