"""Key and secret of the MasterLockit API, from the environment alone: they never stand in a pipeline file."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rushes import ConfigError
from rushes_masterlockit.protocol.codes import KEY_BYTES

KEY = "RUSHES_MASTERLOCKIT_API_KEY"
SECRET = "RUSHES_MASTERLOCKIT_API_SECRET"  # noqa: S105 - the variable's name, not its value


@dataclass(frozen=True, slots=True)
class Credentials:
    """The 24 bytes of the key, as they go on the wire, and the secret that signs them."""

    key: bytes = field(repr=False)
    secret: bytes = field(repr=False)


def read_credentials(
    encoding: Literal["raw", "hex", "base64"], environment: Mapping[str, str] = os.environ
) -> Credentials:
    """Raises ConfigError naming the variable that is missing or wrong, never its value."""
    key = os.fsencode(environment.get(KEY, ""))
    if not key:
        raise ConfigError(
            f"{KEY} is not set; set it to the {KEY_BYTES} characters of the MasterLockit API key"
        )
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{KEY} has {len(key)} bytes; a MasterLockit API key has {KEY_BYTES}")
    written = environment.get(SECRET, "")
    if not written:
        raise ConfigError(f"{SECRET} is not set; set it to the secret of the MasterLockit API key")
    return Credentials(key, _decoded(written, encoding))


def _decoded(written: str, encoding: Literal["raw", "hex", "base64"]) -> bytes:
    try:
        match encoding:
            case "hex":
                return bytes.fromhex(written)
            case "base64":
                return base64.b64decode(written, validate=True)
            case _:
                return os.fsencode(written)
    except (ValueError, binascii.Error):
        raise ConfigError(f"{SECRET} is not {encoding}; see secret_encoding") from None
