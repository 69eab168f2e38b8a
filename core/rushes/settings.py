"""Machine-wide settings, from the environment: RUSHES_HEAVY_JOBS=2 and the like."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_config_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rushes.config.words import plain_words
from rushes.errors import ConfigError

PREFIX = "RUSHES_"
#: A name as a browser's address line has it, or an IP address without brackets.
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45}")

#: sun_path holds 108 bytes on Linux and 104 elsewhere, the closing NUL included.
LONGEST_SOCKET_PATH = 103


def runtime_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where sockets are: $XDG_RUNTIME_DIR/rushes, else /tmp/rushes-UID."""
    session = environment.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(session) and os.access(session, os.W_OK | os.X_OK):  # noqa: PTH117 - "" is no Path
        return Path(session) / "rushes"
    # Not gettempdir(): a service and a shell with different TMPDIR must find each other.
    return Path(f"/tmp/rushes-{os.getuid()}")  # noqa: S108 - its owner and mode are checked


class Settings(BaseSettings):
    """Each field is read from the variable RUSHES_ and its name in capitals.

    `heavy_jobs` commands run at once, at lower priority by `nice`. `blocked_plugins` are names, with commas
    between, that are not imported. With `keyring` the key of the secrets is in the session's keyring, not in
    `config_dir`. `page` is where a run serves its page, "" for none, with one's own `page_certificate` and
    `page_key` or a self-signed one; `page_names` are further names and addresses, with commas between, under which
    it is reached.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    def __init__(self, **values: Any) -> None:
        """Raises ConfigError, naming the variable that is wrong."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            name = PREFIX + str(detail["loc"][0]).upper()
            raise ConfigError(f"setting {name} {plain_words(detail)}; correct it or unset it") from error

    config_dir: Path = Field(default_factory=lambda: user_config_path("rushes"))
    runtime_dir: Path = Field(default_factory=runtime_folder)
    heavy_jobs: int = Field(default_factory=lambda: max(1, (os.cpu_count() or 1) // 2), ge=1)
    nice: int = Field(default=10, ge=0, le=19)
    blocked_plugins: Annotated[tuple[str, ...], NoDecode] = ()
    keyring: bool = False
    page: str = ""
    page_certificate: Path | None = None
    page_key: Path | None = None
    page_names: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("blocked_plugins", "page_names", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("config_dir", "runtime_dir", "page_certificate", "page_key", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and Path(os.path.expanduser(value)).absolute()  # noqa: PTH111 - Path's own may raise

    @field_validator("page_names", mode="after")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in value if not HOST.fullmatch(name)]:
            raise ValueError(f"{wrong[0]!r} is no name of a machine and no address")
        return tuple(name.lower() for name in value)

    def socket_path(self, state: Path) -> Path:
        """The socket of the pipeline with that state folder, short however deep the folder is.

        Its own folder exists afterwards, ours and of mode 0700; raises ConfigError where it cannot be so.
        """
        digest = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:16]
        path = _private(self.runtime_dir) / f"{digest}.sock"
        if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
            raise ConfigError(f"{path.parent}: too long a path for a socket; {_REMEDY}")
        return path


_REMEDY = "set RUSHES_RUNTIME_DIR to another folder of yours"


def _private(folder: Path) -> Path:
    """The folder, made where it is not there; refused where others could put a socket into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ConfigError(f"{folder}: cannot hold the socket ({error.strerror}); {_REMEDY}") from error
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid():
        raise ConfigError(f"{folder}: belongs to someone else or is a link; remove it, or {_REMEDY}")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
