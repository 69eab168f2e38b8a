"""The key of the secrets: a file of mode 0600 in the user's configuration folder, or in a keyring."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from rushes.errors import Unavailable
from rushes.settings import Settings

FILE_NAME = "secrets.key"
KEY_BYTES = 32
#: Under which the keyring holds it.
SERVICE, USER = "rushes", FILE_NAME


class Key(Protocol):
    """Where a key is; its text is that place, for people. Both calls raise Unavailable in one sentence."""

    def existing(self) -> bytes | None:
        """The key, None when none was made yet."""

    def make(self) -> bytes:
        """A new key, durable on return; the one that another process made first, when it did."""


def key_of(settings: Settings) -> Key:
    """The key that the settings name."""
    return KeyringKey() if settings.keyring else KeyFile(settings.config_dir / FILE_NAME)


class KeyFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def existing(self) -> bytes | None:
        try:
            with self._path.open("rb") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                content = stream.read(KEY_BYTES * 4)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(f"the key cannot be read ({error.strerror})", "correct its owner") from error
        if mode & 0o077:
            fact = f"the key can be read by others (mode {mode & 0o777:04o})"
            raise self._unusable(fact, f"run: chmod 600 {self._path}")
        return _decoded(content, str(self._path))

    def make(self) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        # A link appears whole or not at all, and never over another: two first starts agree on one key.
        new = self._path.with_name(f"{FILE_NAME}.{secrets.token_hex(8)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(descriptor, base64.b64encode(key) + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            try:
                self._path.hardlink_to(new)
            except FileExistsError:
                return self.existing() or self.make()
            finally:
                new.unlink()
            _sync(self._path.parent)
        except OSError as error:
            remedy = "correct that folder, or name another in RUSHES_CONFIG_DIR"
            raise self._unusable(f"the key cannot be written ({error.strerror})", remedy) from error
        return key

    def _unusable(self, fact: str, remedy: str) -> Unavailable:
        return Unavailable(f"{self._path}: {fact}; {remedy}")


class KeyringKey:
    """Raises Unavailable when the extra is not installed or the session has no keyring."""

    def __init__(self) -> None:
        try:
            import keyring  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise Unavailable(
                "RUSHES_KEYRING is set, but keyring is not installed; run: pip install 'rushes[keyring]'"
            ) from error
        self._keyring = keyring

    def __str__(self) -> str:
        return f"{SERVICE}/{USER} in the keyring"

    def existing(self) -> bytes | None:
        try:
            text = self._keyring.get_password(SERVICE, USER)
        except Exception as error:  # a keyring backend may raise anything
            raise self._unusable(error) from error
        return None if text is None else _decoded(text.encode(), str(self))

    def make(self) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        try:
            self._keyring.set_password(SERVICE, USER, base64.b64encode(key).decode())
        except Exception as error:  # a keyring backend may raise anything
            raise self._unusable(error) from error
        return key

    def _unusable(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"the keyring cannot be used ({type(error).__name__}); unlock it, or unset RUSHES_KEYRING"
        )


def _decoded(content: bytes, place: str) -> bytes:
    key = b""
    with suppress(binascii.Error, ValueError):
        key = base64.b64decode(content.strip(), validate=True)
    if len(key) != KEY_BYTES:
        raise Unavailable(
            f"{place}: the key is damaged; restore it, or move it and the sealed file aside and pair again"
        )
    return key


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
