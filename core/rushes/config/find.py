"""Where a pipeline lives: its file and its state folder.

Kept free of the registry, duckdb and pydantic-settings: `status` of a running pipeline needs only this.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from rushes.config.document import Document, Scalar, kind_of, read_document
from rushes.config.lookalikes import control_in
from rushes.config.nearest import nearest
from rushes.config.places import FileError
from rushes.config.variables import Variables, vars_of
from rushes.errors import ConfigError


def find_file(name: str) -> Path:
    """The pipeline file that a user named: as it stands, else in ./pipelines/.

    Raises ConfigError, naming both places, where there is none.
    """
    here = Path(name)
    if not name or "\0" in name:
        raise ConfigError("no file is named; name a pipeline file such as onset.yaml")
    if here.exists():
        return here
    if here.name != name:
        raise ConfigError("no such file; correct its name", where=name)
    shelf = Path("pipelines")
    if (shelf / name).exists():
        return shelf / name
    known = [path.name for folder in (Path(), shelf) for path in folder.glob("*.yaml")]
    near = nearest(name, known)
    remedy = f"did you mean '{near}'?" if near else "correct its name"
    raise ConfigError(f"no such file here or in {shelf}/; {remedy}", where=name)


def state_of(file: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The state folder of a pipeline file, absolute. The rest of the file is not checked.

    Raises ConfigError.
    """
    return head_of(read_document(file), environment)[1]


def head_of(document: Document, environment: Mapping[str, str]) -> tuple[str, Path]:
    """The pipeline's name and its absolute state folder. Of vars they know those of this file alone."""
    defined, problems = vars_of(document.root.get("vars"))
    if problems:
        raise problems[0]
    variables = Variables(defined, environment, "'vars:' of this file")
    name = _text(document, "pipeline", variables) or document.file.stem
    if "/" in name or name in {".", ".."}:
        message = f"pipeline: '{name}' cannot name a folder; use letters, digits and '-'"
        entry = document.root.entries.get("pipeline")
        raise FileError(message, entry[0].mark if entry else document.root.mark)
    folder = document.file.absolute().parent
    state = _text(document, "state", variables) or f"state/{name}"
    # os.path's own raise neither for an unknown user nor for a loop of links.
    return name, Path(os.path.realpath(folder / os.path.expanduser(state)))  # noqa: PTH111 - see above


def _text(document: Document, key: str, variables: Variables) -> str | None:
    if key not in document.root.entries:
        return None
    written, node = document.root.entries[key]
    if not isinstance(node, Scalar):
        raise FileError(f"{key}: {kind_of(node)} where text is needed; write {key}: TEXT", node.mark)
    text = variables.expand(node, key).text
    if not text.strip():
        raise FileError(f"'{key}' is empty; give it a value or remove the line", written.mark)
    if fact := control_in(text):
        raise FileError(f"{key}: {fact}", node.mark)
    return text
