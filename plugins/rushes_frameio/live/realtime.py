"""A clip that is still being recorded, on its way into a realtime asset: sent while it grows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO

import trio

from rushes import Clip, NotYet, Permanent, Receipt, Report, Resume, Transient
from rushes_frameio.account.connection import Connection
from rushes_frameio.account.creation import create
from rushes_frameio.clip.capture import FINEST_S, capture
from rushes_frameio.clip.names import asset_name
from rushes_frameio.live.asking import Asking, Rhythm
from rushes_frameio.live.growing import SHORTER, Growing, UnfitError
from rushes_frameio.live.overlap import Overlap
from rushes_frameio.live.placeholder import ENDING, Ending, Placeholder, creation, has_name, named
from rushes_frameio.live.proof import read_value
from rushes_frameio.live.stride import SMALLEST
from rushes_frameio.refusal.failures import Refused
from rushes_frameio.refusal.refusals import Action, Where
from rushes_frameio.sending.part import Courier, ExpiredError, Part

#: Urls of the last part that may expire in a row.
EXPIRED = 3
#: Refusals by which the asset itself takes no such end.
HOPELESS = frozenset({Action.ONCE_MORE, Action.PARK})
#: Its asset says that it was recorded when it was copied.
OLDER = "last written before it was first seen: a copy of something older"


@dataclass(kw_only=True, eq=False)
class Realtime:
    """Delivers one clip by `deliver`.

    `courier(clip, filetype, descriptor)` makes what sends its parts; `whole(clip, resume)` delivers a complete
    clip as a standard asset; `channel(clip)` holds the one it goes up on, `rhythm` is that of all clips.
    """

    connection: Connection
    report: Report
    courier: Callable[[Clip, str, int], Courier]
    whole: Callable[[Clip, Resume], Awaitable[Receipt]]
    channel: Callable[[Clip], AbstractContextManager[int]]
    rhythm: Rhythm

    async def deliver(self, clip: Clip, resume: Resume) -> Receipt:
        """See `Sink.deliver`; the value of a part is its digests and its ETag, part 0 tells of the end."""
        context = self.connection.context
        asset = Placeholder.from_head(resume.head)
        if asset is None:
            clip = await self._begun(clip)
            if clip.complete:
                return await self.whole(clip, resume)
        with await trio.to_thread.run_sync(context.open, clip) as stream:
            resumed = asset is not None
            if asset is None:
                asset = await self._create(clip, int(resume.head.get("abandoned", 0)))
                resume = replace(resume, head=asset.head, parts={})
            courier = self.courier(clip, asset.filetype, stream.fileno())
            delivery = _Delivery(self, asset, courier, stream, resume, resumed=resumed)
            try:
                receipt = await delivery.run()
            except UnfitError as unfit:
                clip, why = delivery.clip, str(unfit)
            else:
                await trio.to_thread.run_sync(context.verify, delivery.clip, stream)
                return receipt
        return await self._begin_again(clip, asset, resume, courier.sent, why)

    async def _begun(self, clip: Clip) -> Clip:
        """The clip once it has bytes and a realtime asset can be made of it, or else once it is complete."""
        async for now in self.connection.context.follow(clip):
            clip = now
            if clip.complete or (clip.size and has_name(clip)):
                break
        return clip

    async def _create(self, clip: Clip, abandoned: int) -> Placeholder:
        """Ask for an asset and store it before its first byte is sent."""

        async def post(access: str, offset: int, channel: int) -> str:
            body = creation(clip, offset=offset, channel=channel)
            return await self.connection.api.create_realtime_asset(access, body)

        asset = await create(
            self.connection,
            self.report,
            clip,
            abandoned,
            channel=self.channel,
            post=post,
            note="recording, captured {captured}; offset {offset} s; sent while it grows",
        )
        identity = self.connection.identity
        begun = Placeholder(
            id=asset,
            filetype=creation(clip, offset=0, channel=0)["filetype"],
            smallest=SMALLEST,
            unnamed=named(clip) is not clip,
            made_at=capture(clip).start,
            project=identity.project_id if identity else "",
            abandoned=abandoned,
        )
        await self.report.begin(begun.head)
        return begun

    async def _begin_again(
        self, clip: Clip, asset: Placeholder, resume: Resume, sent: int, why: str
    ) -> Receipt:
        """The asset stays a placeholder, a standard one is made."""
        text = f"{clip.filename}: {why}; sent again whole"
        self.connection.context.log.warning(text)
        self.connection.context.note(text)
        head = {"abandoned": asset.abandoned + 1}
        await self.report.intend()
        await self.report.begin(head)
        receipt = await self.whole(clip, Resume(head=head, in_doubt=resume.in_doubt))
        return replace(receipt, sent=receipt.sent + sent)


class _Delivery:
    """One call's work on an asset that exists."""

    def __init__(
        self,
        realtime: Realtime,
        asset: Placeholder,
        courier: Courier,
        stream: BinaryIO,
        resume: Resume,
        *,
        resumed: bool,
    ) -> None:
        self._connection = realtime.connection
        self._context = realtime.connection.context
        self._report = realtime.report
        self._asset = asset
        self._stride = asset.stride
        self._courier = courier
        self._stream = stream
        self._resume = resume
        self._resumed = resumed
        parts = dict(resume.parts)
        ending = parts.pop(ENDING, None)
        self._ending = None if ending is None else Ending.read(ending)
        #: Whether the last part may be there without our knowing.
        self._told = self._ending is not None
        self._sent = {number: read_value(value) for number, value in parts.items()}
        self._asking = Asking(
            connection=self._connection,
            asset=asset.id,
            rhythm=realtime.rhythm,
            highest=max(self._sent, default=0),
        )
        self._overlap = Overlap(self._connection, asset.made_at, resumed=resumed)
        self._growing = Growing(
            stride=self._stride,
            courier=courier,
            asking=self._asking,
            report=self._report,
            context=self._context,
            sent=self._sent,
            overlap=self._overlap,
        )

    @property
    def clip(self) -> Clip:
        return self._growing.recording.clip

    async def run(self) -> Receipt:
        """Raises a RushesError, or UnfitError."""
        try:
            await self._run()
        except OSError as error:
            raise self._growing.unreadable(error) from error
        if self._connection.identity is not None and self._connection.identity.paused:
            self._connection.wish()  # a success does not say that the pause is over
        self._context.progress(self.clip.size, self.clip.size)
        return self._receipt()

    async def _run(self) -> None:
        if self._ending is None:
            if self._resumed and await self._growing.rereading.other_file():
                raise Permanent(
                    f"{self.clip.filename}: not the recording that this upload was begun with; cancel it"
                )
            await self._growing.run()
            if self.clip.mtime_ns / 1e9 + FINEST_S < self._asset.made_at:
                raise UnfitError(OLDER)
            if self._overlap.found(self._growing.recording):
                raise NotYet(self._overlap.told(self.clip))
        else:
            await self._growing.recording.follow()
            if (self.clip.size, self.clip.bytes_mark) != (self._ending.size, self._ending.mark):
                raise Permanent(f"{self.clip.filename}: changed after its upload had ended; cancel it")
        await self._end()

    async def _end(self) -> None:
        """Send the last part: the asset is complete when it is there."""
        number = self._stride.last(self.clip.size)
        if number in self._sent:
            return
        offset = self._stride.span(number)[0]
        size = self.clip.size - offset
        # A recorder may have gone on after it closed its file: then this is not its end.
        await trio.to_thread.run_sync(self._context.verify, self.clip, self._stream)
        try:
            sums = await self._growing.rereading.sums(number, size)
        except EOFError as error:
            raise Permanent(f"{self.clip.filename}: became shorter after it had ended") from error
        for _ in range(EXPIRED):
            ending = self._ending or await self._tell_end(number, size)
            try:
                await self._growing.send(Part(number=number, url=ending.url, offset=offset, size=size), sums)
                return
            except ExpiredError as expired:
                self._context.log.info(
                    "%s: the url of its last part expired: %s", self.clip.filename, expired
                )
                self._ending = None
        raise Transient(f"{self.clip.filename}: fresh urls of its last part are refused", blame="clip")

    async def _tell_end(self, number: int, size: int) -> Ending:
        clip = self.clip
        name = asset_name(named(clip)) if self._asset.unnamed else None
        try:
            url = await self._asking.last(number, size, clip.size, name)
        except Refused as refused:
            if refused.row(Where.ASSET).action not in HOPELESS:
                raise self._overlap.judge(refused, clip) from refused
            if self._told:
                # Retried by a person, it begins anew.
                await self._report.intend()
                await self._report.begin({"abandoned": self._asset.abandoned + 1})
                raise Permanent(
                    f"{clip.filename}: may be complete at Frame.io: the last answer was lost, its url expired;"
                    " look there, and retry it only if it is not"
                ) from refused
            # Before the end was ever told the asset cannot be complete: an earlier life asked for parts that
            # the file does not have.
            raise UnfitError(SHORTER) from refused
        ending = Ending(size=clip.size, mark=clip.bytes_mark, url=url)
        await self._report.proceed()
        self._told = True
        await self._report.part(ENDING, ending.value)
        return ending

    def _receipt(self) -> Receipt:
        identity, name = self._connection.identity, asset_name(named(self.clip))
        return Receipt(
            where=f"{identity.project}/{name}" if identity else name,
            id=self._asset.id,
            size=self.clip.size,
            sent=self._courier.sent,
            checked=self._growing.rereading.told,
            placeholders=self._resume.in_doubt + self._asset.abandoned,
        )
