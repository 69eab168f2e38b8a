"""The sink: an asset is asked for, its parts are sent, and a later call goes on where this one ended."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import BinaryIO

import trio

from rushes import Clip, Context, Permanent, Receipt, Report, Resume, Transient
from rushes_frameio.account.connection import Connection, open_connection, reach
from rushes_frameio.account.creation import create
from rushes_frameio.account.expiry import warn_of_expiry
from rushes_frameio.actions.limit import rate_allowed
from rushes_frameio.calls.api import Created
from rushes_frameio.channel.channels import Channels
from rushes_frameio.clip.filetypes import filetype
from rushes_frameio.clip.names import asset_name
from rushes_frameio.live.asking import Rhythm
from rushes_frameio.live.placeholder import is_realtime
from rushes_frameio.live.realtime import Realtime
from rushes_frameio.options import FrameioOptions
from rushes_frameio.reach.presence import Presence
from rushes_frameio.sending.asset import Asset, creation
from rushes_frameio.sending.flow import Flow
from rushes_frameio.sending.line import Lines
from rushes_frameio.sending.part import Courier, ExpiredError
from rushes_frameio.sending.upload import Upload

#: How often one call of `deliver` may begin again because urls expired.
ASSETS = 2


@asynccontextmanager
async def open_sink(options: FrameioOptions, context: Context) -> AsyncIterator[FrameioSink]:
    """The sink's life. Raises Unavailable while the device is not paired or the service cannot be reached."""
    async with open_connection(options, context) as connection:
        await reach(connection)
        sink = FrameioSink(connection, await rate_allowed(options, context.store))
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.keep)
                nursery.start_soon(connection.hold)
                nursery.start_soon(warn_of_expiry, connection)
                nursery.start_soon(Presence(connection).run)
                nursery.start_soon(sink.channels.run)
                nursery.start_soon(sink.flow.run)
                nursery.start_soon(sink.lines.follow, connection.network.changed)
                service = connection.service
                nursery.start_soon(service.silence.watch, context.show, sink.lines, service.doubt)
                yield sink
                nursery.cancel_scope.cancel()
        finally:
            sink.lines.close()
            context.show(connected=False)


class FrameioSink:
    def __init__(self, connection: Connection, max_rate: int | None) -> None:
        """`max_rate` is in bits a second, None for no limit."""
        self.connection = connection
        self.lines = Lines(connection.tls)
        options = connection.options
        connection.network.cap = max_rate
        self.flow = Flow(options.parts_in_flight, max_rate, connection.network.moved)
        self.channels = Channels(connection)
        self._rhythm = Rhythm()
        self._context = connection.context
        self._options = connection.options

    async def deliver(self, clip: Clip, resume: Resume | None, report: Report, /) -> Receipt:
        """See `Sink.deliver`; part values are ETags, the receipt's id is the asset's."""
        with self.connection.belonging.kept(self._context.order):
            return await self._deliver(clip, resume, report)

    async def _deliver(self, clip: Clip, resume: Resume | None, report: Report) -> Receipt:
        if not clip.complete or is_realtime((resume or Resume()).head):
            return await self._realtime(report).deliver(clip, resume or Resume())
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
                upload = self._upload(clip, asset, stream, report, resumed=resumed)
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
        identity = self.connection.identity
        if identity is not None and identity.paused:
            # It may have been made before the pause: a success does not say that the pause is over.
            self.connection.wish()
        return Receipt(
            where=f"{identity.project}/{asset_name(clip)}" if identity else asset_name(clip),
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

    def _realtime(self, report: Report) -> Realtime:
        return Realtime(
            connection=self.connection,
            report=report,
            courier=self._courier,
            whole=lambda clip, resume: self._deliver(clip, resume, report),
            channel=self._channel,
            rhythm=self._rhythm,
        )

    def _courier(self, clip: Clip, filetype: str, descriptor: int) -> Courier:
        return Courier(
            clip=clip,
            filetype=filetype,
            descriptor=descriptor,
            context=self._context,
            lines=self.lines,
            flow=self.flow,
            check=self._options.check_etag,
            rest=self.connection.rest,
            owing=self.connection.service.silence.parts.owing,
        )

    def _upload(self, clip: Clip, asset: Asset, stream: BinaryIO, report: Report, *, resumed: bool) -> Upload:
        courier = self._courier(clip, asset.filetype, stream.fileno())
        return Upload(asset, courier, report, self._context, stream=stream, resumed=resumed)

    async def _create(self, clip: Clip, report: Report, abandoned: int) -> Asset:
        """Ask for an asset and store it before its first byte is sent."""
        now = time.time()

        async def post(access: str, offset: int, channel: int) -> Created:
            body = creation(clip, offset=offset, channel=channel)
            return await self.connection.api.create_asset(access, body)

        created = await create(
            self.connection,
            report,
            clip,
            abandoned,
            channel=self._channel,
            post=post,
            note="captured {captured}; offset {offset} s",
        )
        identity = self.connection.identity
        asset = Asset(
            id=created.id,
            urls=created.urls,
            filetype=filetype(clip),
            size=clip.size,
            mark=clip.bytes_mark,
            issued_at=now,
            project=identity.project_id if identity else "",
            abandoned=abandoned,
        )
        await report.begin(asset.head)
        return asset

    def _channel(self, clip: Clip) -> AbstractContextManager[int]:
        return self.channels.channel(clip, self._context.order)

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
