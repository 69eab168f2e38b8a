"""A folder that only its owner can look into."""

from __future__ import annotations

from pathlib import Path

from rushes.errors import ConfigError


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, with mode 0700: a ledger in the making holds upload urls.

    Raises ConfigError where it can be neither made nor closed.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"state folder {path}: {reason}; correct its permissions or name another"
        ) from error
    return path
