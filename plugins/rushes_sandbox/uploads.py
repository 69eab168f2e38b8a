"""The upload host: one PUT per part to its presigned url, then assembly (reference, sections 10 and 12.2)."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path

import trio
from starlette.requests import Request
from starlette.responses import Response

from rushes_sandbox.answers import StorageRefused
from rushes_sandbox.asset import Asset, Part
from rushes_sandbox.s3errors import s3_error
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described, drain, read

#: S3's largest part.
LARGEST_PART = 5 * 1024**3
#: How long the answer to the last part waits for assembly, in seconds: small files are there when it comes.
PATIENCE = 1.0
_PIECE = 1024 * 1024
_LOG = logging.getLogger("rushes.sandbox")


class Uploads:
    """Takes parts in; `nursery` outlives every request and runs the assemblies."""

    def __init__(self, store: Store, nursery: trio.Nursery) -> None:
        self._store = store
        self._nursery = nursery
        self._assembling: dict[str, trio.Event] = {}
        for asset in store.assets.recover():
            self._seal(asset)

    async def settled(self) -> None:
        """Wait until no assembly is under way."""
        while self._assembling:
            await next(iter(self._assembling.values())).wait()

    def count(self, path: str, received: int) -> None:
        """Count body bytes that came to a part's url and were thrown away."""
        found = self._store.assets.find(path)
        if found is not None:
            self._store.assets.received(*found, received)

    def expire(self, query_string: str) -> None:
        """Let the upload url with this query be over before its time."""
        self._store.signer.expire(query_string)

    async def put(self, request: Request) -> Response:
        path = request.scope["path"]
        try:
            self._check(request)
            found = self._store.assets.find(path)
            if found is None:
                raise StorageRefused(404, "NoSuchKey", "The specified key does not exist.", Key=path)
        except StorageRefused:
            self.count(path, await drain(request.receive))
            raise
        return await self._take(request, *found)

    def _check(self, request: Request) -> None:
        """Refuse what S3 would refuse."""
        headers, what = request.headers, described(request)
        if "x-client-version" in headers:
            self._store.violations.note(what, "x-client-version sent to the upload host")
        try:
            path, query = (
                request.scope["raw_path"].decode("ascii"),
                request.scope["query_string"].decode("ascii"),
            )
            self._store.signer.check(request.method, path, query, headers, self._store.settings.clock())
            length = headers.get("content-length")
            if length is None:
                raise StorageRefused(
                    411, "MissingContentLength", "You must provide the Content-Length HTTP header."
                )
            if not re.fullmatch("[0-9]{1,18}", length) or int(length) > LARGEST_PART:
                raise StorageRefused(
                    400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."
                )
        except StorageRefused as refusal:
            if refusal.text != "Request has expired":
                self._store.violations.note(what, f"{refusal.code}: {refusal.text}")
            raise

    async def _take(self, request: Request, asset: Asset, part: Part) -> Response:
        assets = self._store.assets
        partial = None if asset.closed else assets.partial(asset, part)
        received, whole = 0, False
        md5 = hashlib.md5(usedforsecurity=False)
        try:
            with (partial or Path("/dev/null")).open("wb", buffering=0) as file:

                def take(piece: bytes) -> None:
                    nonlocal received
                    received += len(piece)
                    md5.update(piece)
                    if file.write(piece) != len(piece):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

                whole = await read(request.receive, take)
        except OSError as error:
            _LOG.error("part %s of %s: %s", part.number, asset.name, error)
            raise s3_error("InternalError") from None
        finally:
            if not whole:
                assets.received(asset, part, received)
                if partial is not None:
                    partial.unlink()
        if not whole:
            return Response(status_code=400)  # nobody is left to read it
        self._keep(described(request), asset, part, partial, received, md5.hexdigest())
        if asset.id in self._assembling:
            with trio.move_on_after(PATIENCE):
                await self._assembling[asset.id].wait()
        return Response(headers={"etag": f'"{md5.hexdigest()}"'})

    def _keep(
        self, what: str, asset: Asset, part: Part, partial: Path | None, length: int, etag: str
    ) -> None:
        assets = self._store.assets
        changed = part.etag not in {"", etag}
        # A growing file's bytes may change until its end is there: the last ones win.
        if changed and (asset.closed or not asset.realtime):
            self._store.violations.note(what, f"part {part.number} was put again with other bytes")
        if asset.closed or partial is None:
            assets.repeated(asset, part, length)
            if partial is not None:
                partial.unlink()
            return
        if length != part.size:
            self._store.violations.note(what, f"part {part.number} has {length} bytes, not {part.size}")
        partial.rename(assets.part_file(asset, part))
        assets.arrived(asset, part, stored=length, etag=etag)
        self.assemble(asset)

    def assemble(self, asset: Asset) -> None:
        """Start assembling when nothing is missing."""
        if asset.whole:
            self._seal(asset)

    def _seal(self, asset: Asset) -> None:
        asset.sealed = True
        self._assembling[asset.id] = trio.Event()
        self._nursery.start_soon(self._assemble, asset)

    async def _assemble(self, asset: Asset) -> None:
        assets = self._store.assets
        files = [assets.part_file(asset, part) for part in asset.ordered]
        try:
            sha256 = await trio.to_thread.run_sync(_join, files, assets.file(asset))
            assets.complete(asset, sha256)
        except OSError as error:
            asset.sealed = False  # the next PUT or start tries again
            _LOG.error("assembling %s: %s", asset.name, error)
        finally:
            self._assembling.pop(asset.id).set()


def _join(parts: Sequence[Path], target: Path) -> str:
    """Write the parts one after the other into `target`, which appears whole; return its SHA-256."""
    sha256, fresh = hashlib.sha256(), target.with_suffix(".assembling")
    with fresh.open("wb", buffering=0) as out:
        for path in parts:
            with path.open("rb", buffering=0) as part:
                while piece := part.read(_PIECE):
                    sha256.update(piece)
                    out.write(piece)
    fresh.rename(target)
    return sha256.hexdigest()
