"""The sink: an asset is asked for, its parts are sent, and a later call goes on where this one ended."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

import trio

from rushes import (
    Clip,
    Context,
    NotAuthorised,
    Permanent,
    Receipt,
    Report,
    Resume,
    Tell,
    Transient,
    Unavailable,
)
from rushes_frameio.api import Api, Created, Identity, open_api
from rushes_frameio.asset import Asset, creation, filetype
from rushes_frameio.failures import Refused, Unreachable, not_paired, of_asset
from rushes_frameio.line import Lines
from rushes_frameio.options import FrameioOptions
from rushes_frameio.tokens import Tokens
from rushes_frameio.upload import ExpiredError, Upload

#: Frame.io wants its identity endpoint asked no more often.
IDENTITY_EVERY_S = 60.0
#: How often one call of `deliver` may begin again because urls expired.
ASSETS = 2


@asynccontextmanager
async def open_sink(options: FrameioOptions, context: Context) -> AsyncIterator[FrameioSink]:
    """The sink's life. Raises Unavailable while the device is not paired or the service cannot be reached."""
    async with open_api(options) as (api, tls):
        sink = FrameioSink(options, context, api, Lines(tls))
        try:
            if not sink.tokens.paired:
                raise not_paired()
            await sink.identify()
            yield sink
        finally:
            sink.lines.close()
            context.show(connected=False)


async def whoami(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """The action `whoami`: project, user, device, paused. Raises NotAuthorised without a valid pairing."""
    if part is not None:
        return (await part.identify()).facts
    async with open_api(options) as (api, tls):
        sink = FrameioSink(options, context, api, Lines(tls))
        if not sink.tokens.paired:
            raise NotAuthorised(str(not_paired()))
        try:
            return (await sink.identify()).facts
        except Unavailable as failure:
            if not sink.tokens.paired:
                raise NotAuthorised(str(failure)) from failure
            raise


class FrameioSink:
    def __init__(self, options: FrameioOptions, context: Context, api: Api, lines: Lines) -> None:
        self.api = api
        self.tokens = Tokens(api, context, self._identified)
        self.lines = lines
        self._options = options
        self._context = context
        self._identity: Identity | None = None
        self._identified_at = 0.0

    async def identify(self) -> Identity:
        """Ask who this device is and show it. Raises Unavailable."""
        try:
            identity = await self.tokens.call(partial(self._ask_identity, self._identity))
        except Refused as refused:
            raise Unavailable(f"Frame.io answered {refused} when asked who this device is") from refused
        self._identified(identity)
        return identity

    async def _ask_identity(self, known: Identity | None, access: str) -> Identity:
        if self._identity is not None and self._identity is not known:
            return self._identity  # asked a moment ago, right after the refresh
        return await self.api.identity(access)

    def _identified(self, identity: Identity) -> None:
        self._identity = identity
        self._identified_at = time.monotonic()
        self._context.show(connected=True, **identity.facts)

    async def deliver(self, clip: Clip, resume: Resume | None, report: Report, /) -> Receipt:
        """See `Sink.deliver`; part values are ETags, the receipt's id is the asset's."""
        if not clip.size:
            raise Permanent(f"{clip.filename}: empty file; Frame.io takes none")
        resume = resume or Resume()
        asset = Asset.from_head(resume.head)
        if asset is not None and (asset.size, asset.mark) != (clip.size, clip.bytes_mark):
            raise Permanent(f"{clip.filename}: not the bytes that this upload was begun with; cancel it")
        abandoned = asset.abandoned if asset else int(resume.head.get("abandoned", 0))
        parts, sent, resumed = dict(resume.parts), 0, asset is not None
        with await trio.to_thread.run_sync(self._open, clip) as stream:
            for _ in range(ASSETS):
                if asset is None:
                    asset, parts, resumed = await self._create(clip, report, abandoned), {}, False
                upload = self._upload(clip, asset, stream.fileno(), report, resumed=resumed)
                try:
                    await upload.run(parts)
                    break
                except ExpiredError as expired:
                    abandoned += 1
                    await self._abandon(clip, report, abandoned, expired)
                    asset = None
                finally:
                    sent += upload.sent
            if asset is None:
                text = f"{clip.filename}: its upload urls expired before the upload ended"
                raise Transient(text, blame="clip")
            await trio.to_thread.run_sync(self._context.verify, clip, stream)
        await self._look_again()
        return Receipt(
            where=f"{self._identity.project}/{clip.filename}" if self._identity else clip.filename,
            id=asset.id,
            size=clip.size,
            sent=sent,
            checked="md5 of each part" if self._options.check_etag else "",
            placeholders=resume.in_doubt + abandoned,
        )

    def _open(self, clip: Clip) -> BinaryIO:
        try:
            return self._context.open(clip)
        except OSError as error:
            raise Transient(f"{clip.filename}: cannot be read: {error.strerror}", blame="clip") from error

    def _upload(self, clip: Clip, asset: Asset, descriptor: int, report: Report, *, resumed: bool) -> Upload:
        return Upload(
            clip=clip,
            asset=asset,
            descriptor=descriptor,
            context=self._context,
            report=report,
            lines=self.lines,
            parts_in_flight=self._options.parts_in_flight,
            check=self._options.check_etag,
            resumed=resumed,
        )

    async def _create(self, clip: Clip, report: Report, abandoned: int) -> Asset:
        """Ask for an asset and store it before its first byte is sent."""
        await report.intend()
        now = time.time()
        try:
            created = await self.tokens.call(partial(self._ask, clip))
        except Unavailable:  # nothing was asked, or nothing but a stranger answered
            await report.begin({"abandoned": abandoned})
            raise
        except Refused as refused:
            if refused.status < 500:  # certainly no asset: the intent is answered
                await report.begin({"abandoned": abandoned})
            if refused.paused and self._identity is not None:
                self._identity = replace(self._identity, paused=True)
                self._context.show(paused=True)
            raise of_asset(refused, clip.filename) from refused
        asset = Asset(
            id=created.id,
            urls=created.urls,
            filetype=filetype(clip),
            size=clip.size,
            mark=clip.bytes_mark,
            issued_at=now,
            abandoned=abandoned,
        )
        await report.begin(asset.head)
        return asset

    async def _ask(self, clip: Clip, access: str) -> Created:
        try:
            return await self.api.create_asset(access, creation(clip, time.time()))
        except Unreachable as failure:
            if not failure.lost:
                raise
            # The link may be fine; what is in doubt is this one asset.
            raise Transient(f"{clip.filename}: the answer to its creation was lost: {failure}") from failure

    async def _abandon(self, clip: Clip, report: Report, abandoned: int, expired: ExpiredError) -> None:
        """Leave an asset whose urls expired; one that may be complete is a person's to judge."""
        self._context.log.warning("%s: its upload urls expired (%s); beginning again", clip.filename, expired)
        if expired.doubtful:
            await report.intend()
            await report.begin({"abandoned": abandoned})
            raise Permanent(
                f"{clip.filename}: may be complete at Frame.io: the last answers were lost, its urls expired;"
                " look there, and retry it only if it is not"
            )

    async def _look_again(self) -> None:
        """Identity after a success although the project was shown as paused."""
        shown = self._identity is not None and self._identity.paused
        if shown and time.monotonic() - self._identified_at > IDENTITY_EVERY_S:
            try:
                await self.identify()
            except Unavailable as failure:
                self._context.log.info("identity not read: %s", failure)
