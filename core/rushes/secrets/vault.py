"""Secrets of components, sealed in the state folder with a key that lies elsewhere.

Each value is sealed by itself (ChaCha20-Poly1305) with its component and name as associated data, so a value
moved under another name does not open. Whoever copies the state folder has names, not values.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rushes.contract import Secrets
from rushes.errors import Unavailable
from rushes.logs.known import remember
from rushes.secrets.key import Key, key_of
from rushes.settings import PREFIX, Settings

FILE_NAME = "secrets.sealed"
VERSION = 1
NONCE_BYTES = 12

_Values = dict[tuple[str, str], str]


def open_vault(state: Path, settings: Settings, environment: Mapping[str, str] = os.environ) -> Vault:
    """The secrets of the pipeline with that state folder, all of them opened once to see that they can be.

    Raises Unavailable, in one sentence with its remedy, when the sealed file or its key cannot be used; the
    file is left as it is. The key is made when the first secret is set.
    """
    vault = Vault(state, key_of(settings), environment)
    vault.values()
    return vault


class Vault:
    """All secrets of one pipeline; another process may change them at the same time."""

    def __init__(self, folder: Path, key: Key, environment: Mapping[str, str] = os.environ) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._key = key
        self._environment = environment
        self._seen: tuple[int, int, int] | None = None
        self._values: _Values = {}

    def of(self, component_id: str) -> Secrets:
        """The secrets of one component."""
        return _ComponentSecrets(self, component_id, self._environment)

    def values(self) -> Mapping[tuple[str, str], str]:
        """(component, name) to value, read again where the file has changed."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._seen, self._values = None, {}
            return self._values
        except OSError as error:
            raise self._unusable(f"cannot be read ({error.strerror})", "correct its permissions") from error
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            self._values = self._open()
            remember(self._values.values())
            self._seen = seen
        return self._values

    def change(self, edit: Callable[[_Values], object]) -> None:
        """Apply `edit` to what is stored now: atomic, durable on return, no other process's change lost."""
        with self._locked():
            self._seen = None  # A clock tick may hide a change from `values`.
            values = dict(self.values())
            edit(values)
            remember(values.values())
            if values != self._values:
                self._write(values)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._folder / "secrets.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(f"cannot be written ({error.strerror})", "correct its folder") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self) -> _Values:
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise self._unusable(f"cannot be read ({error.strerror})", "correct its permissions") from error
        try:
            sealed = json.loads(content)
            version, key_name = sealed["version"], sealed["key"]
            entries = [(str(c), str(n), base64.b64decode(v, validate=True)) for c, n, v in sealed["values"]]
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
            raise self._damaged() from error
        if version != VERSION:
            raise self._unusable("was written by another version of rushes", "use that version")
        secret = self._key.existing()
        if secret is None:
            raise self._unusable(f"was sealed with a key that is not there ({self._key})", _RESTORE)
        if key_name != _name_of(secret):
            raise self._unusable(f"was sealed with another key than {self._key}", _RESTORE)
        cipher = ChaCha20Poly1305(secret)
        try:
            return {
                (component, name): cipher.decrypt(
                    data[:NONCE_BYTES], data[NONCE_BYTES:], _about(component, name)
                ).decode()
                for component, name, data in entries
            }
        except (InvalidTag, ValueError) as error:
            raise self._damaged() from error

    def _write(self, values: _Values) -> None:
        secret = self._key.existing() or self._key.make()
        cipher = ChaCha20Poly1305(secret)
        entries: list[Any] = []
        for (component, name), value in sorted(values.items()):
            nonce = os.urandom(NONCE_BYTES)
            data = nonce + cipher.encrypt(nonce, value.encode(), _about(component, name))
            entries.append([component, name, base64.b64encode(data).decode()])
        sealed = {"version": VERSION, "key": _name_of(secret), "values": entries}
        try:
            self._replace(json.dumps(sealed, indent=1).encode())
        except OSError as error:
            raise self._unusable(f"cannot be written ({error.strerror})", "free some space there") from error
        found = self._path.stat()
        self._seen, self._values = (found.st_ino, found.st_mtime_ns, found.st_size), values

    def _replace(self, content: bytes) -> None:
        # One name, not a random one: a killed process leaves at most this, and the next change takes it over.
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self._path)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _damaged(self) -> Unavailable:
        return self._unusable("is damaged", "restore it, or move it aside and pair again")

    def _unusable(self, fact: str, remedy: str) -> Unavailable:
        return Unavailable(f"{self._path}: {fact}; {remedy}")


class _ComponentSecrets:
    def __init__(self, vault: Vault, component_id: str, environment: Mapping[str, str]) -> None:
        self._vault = vault
        self._id = component_id
        self._environment = environment

    def get(self, name: str, /) -> str | None:
        """The value; RUSHES_<COMPONENT>_<NAME> in the environment comes before what is sealed."""
        given = self._environment.get(variable_of(self._id, name))
        if given:
            remember([given])
        return given or self._vault.values().get((self._id, name))

    def set(self, name: str, value: str, /) -> None:
        self._vault.change(lambda values: values.__setitem__((self._id, name), value))

    def delete(self, name: str, /) -> None:
        self._vault.change(lambda values: values.pop((self._id, name), None))

    def remember(self, value: str, /) -> None:
        """As the contract has it."""
        remember([value])


def variable_of(component_id: str, name: str) -> str:
    """The environment variable of a secret: RUSHES_FRAMEIO_CLIENT_SECRET for `client_secret` of `frameio`."""
    return PREFIX + re.sub(r"[^A-Z0-9]", "_", f"{component_id}_{name}".upper())


_RESTORE = "restore that key, or move the sealed file aside and pair again"


def _about(component: str, name: str) -> bytes:
    return json.dumps([component, name]).encode()


def _name_of(secret: bytes) -> str:
    """Tells keys apart and says nothing about them."""
    return hashlib.sha256(b"rushes secrets key\0" + secret).hexdigest()[:16]
