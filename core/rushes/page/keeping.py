"""Small private files of the page in the state folder: whole or not there, durable, of mode 0600."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = "page"


def write_private(path: Path, content: bytes) -> None:
    """Replace a file; its folder is made, of mode 0700. Raises OSError, and then the old one is left."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One name, not a random one: a killed process leaves at most this, and the next change takes it over.
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
