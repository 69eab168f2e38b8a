"""Clips that are about other clips whenever they were made: sidecars and proxies, looked up by names."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from rushes_match.kin import File
from rushes_match.kin.proxies import is_proxy
from rushes_match.names import normal, reel_key, squashed

#: What cameras and people put behind the name of a clip, for its sidecar or its proxy.
_TAIL = re.compile(
    r"(?:[ms]\d\d|_?static|_?frames?|_metadata|_meta|_canoncamerametadata\w*"
    r"|_?(?:proxy|prxy|lowres|offline)(?:_\w{1,8})?)$",
    re.ASCII,
)
_GOPRO = re.compile(r"gl(\d{6})", re.ASCII)


def keys_of(file: File) -> frozenset[str]:
    """What a clip may be named by."""
    names = {squashed(file.filename), squashed(file.text("clip_name"))}
    reel = reel_key(file.text("reel"))
    return frozenset(names - {""}) | ({f"reel {reel}"} if reel else set())


def is_teller(file: File) -> bool:
    """Whether it is about other clips."""
    return "sidecar" in file.meta or is_proxy(file)


def _told_of(file: File) -> frozenset[str]:
    """The names of those that it is about."""
    found = {squashed(file.filename), squashed(_TAIL.sub("", normal(file.filename)))}
    if gopro := _GOPRO.fullmatch(normal(file.filename)):
        found |= {f"{series}{gopro[1]}" for series in ("gx", "gh")}
    if "sidecar" not in file.meta:
        return keys_of(file) | found
    for row in _rows(file):
        match = row.get("match")
        if isinstance(match, dict):
            found |= {squashed(str(match.get(name) or "")) for name in ("clip_name", "file")}
            if reel := reel_key(str(match.get("reel") or "")):
                found.add(f"reel {reel}")
    return frozenset(found - {""})


def _rows(file: File) -> list[dict[str, Any]]:
    try:
        rows = json.loads(file.text("sidecar"))
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


class Tellers:
    """All of them, by what they name."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._keys: dict[str, frozenset[str]] = {}
        self._by_key: dict[str, set[str]] = defaultdict(set)

    def put(self, file: File) -> frozenset[str]:
        """The names of those it is about, and of those that it was about before."""
        if self._files.get(file.id) == file:
            return self._keys[file.id]
        before = self.drop(file.id)
        now = _told_of(file)
        self._files[file.id], self._keys[file.id] = file, now
        for key in now:
            self._by_key[key].add(file.id)
        return before | now

    def drop(self, id_: str) -> frozenset[str]:
        """The names of those it was about."""
        self._files.pop(id_, None)
        keys = self._keys.pop(id_, frozenset())
        for key in keys:
            self._by_key[key].discard(id_)
        return keys

    def names(self, id_: str) -> frozenset[str]:
        """The names of those it is about."""
        return self._keys.get(id_, frozenset())

    def about(self, files: Iterable[File]) -> Collection[File]:
        """Those about any of these clips, in the order of their ids."""
        if not self._files:
            return ()
        ids = {id_ for file in files for key in keys_of(file) for id_ in self._by_key.get(key, ())}
        return [self._files[id_] for id_ in sorted(ids)]
