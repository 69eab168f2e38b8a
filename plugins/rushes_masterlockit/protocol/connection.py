"""One connection without its socket: bytes in, events out; messages in, bytes out (the shape of h11)."""

from __future__ import annotations

from collections import deque
from enum import Enum
from hashlib import sha1
from typing import Final, Literal

from rushes_masterlockit.protocol.codec import Codec, codec, spoken_order
from rushes_masterlockit.protocol.codes import (
    MOST_AFTER,
    MOST_BEFORE,
    ByteOrder,
    DigestSpan,
    NackCode,
    Role,
)
from rushes_masterlockit.protocol.errors import LocalError, ProtocolError, UnreadableError
from rushes_masterlockit.protocol.events import (
    DataEvent,
    Ended,
    Ignored,
    Malformed,
    Message,
    Refusal,
    Request,
)
from rushes_masterlockit.protocol.greeting import Greeting, is_handshake
from rushes_masterlockit.protocol.inbox import Inbox
from rushes_masterlockit.protocol.layouts import DEVICE_TYPES
from rushes_masterlockit.protocol.pending import Pending, hashed_from
from rushes_masterlockit.protocol.state import State


class NeedData(Enum):
    NEED_DATA = "need data"


NEED_DATA: Final = NeedData.NEED_DATA

_SIZE_BYTES = 4
#: So many messages are read ahead in one go; all others stay bytes until they are asked for.
_MOST_AHEAD = 64
#: Nothing is to be expected any more.
_ENDS = frozenset({State.FAILED, State.CLOSED})


class Connection:
    """`most_before` and `most_after` bound `size`, and so what is ever kept of one frame, before and after READY.

    `digest` is what we answer requests by; `strict_digests` refuses answers to ours that spell it otherwise (A5).
    """

    def __init__(
        self,
        role: Role,
        *,
        byte_order: ByteOrder = ByteOrder.AUTO,
        digest: DigestSpan = DigestSpan.FULL,
        strict_digests: bool = False,
        most_before: int = MOST_BEFORE,
        most_after: int = MOST_AFTER,
    ) -> None:
        self.role = role
        self.byte_order = byte_order
        self._codec: Codec = codec(role, byte_order)
        self._hashed_from = hashed_from(digest)
        self._most_before, self._most_after = most_before, most_after
        self._greeting = Greeting(role, most_before)
        self._pending = Pending(digest, strict=strict_digests)
        self._inbox = Inbox()
        self._ahead: deque[Message] = deque()
        self._closing = False
        self._end: State | None = None
        self._error = ""

    @property
    def state(self) -> State:
        return self._end or self._greeting.state

    @property
    def pending(self) -> int:
        """Requests that were sent and neither answered nor forgotten."""
        return self._pending.count

    def receive_data(self, data: bytes) -> None:
        """What came from the peer; b"" that it closed. Nothing is read before `next_event`."""
        if not data:
            self._closing = True
        elif self._closing:
            raise LocalError("data after the end")
        elif self.state not in _ENDS:
            self._inbox.feed(data)

    def next_event(self) -> Message | Literal[NeedData.NEED_DATA]:
        """What the peer said next; raises ProtocolError, then for ever, once it cannot be understood."""
        ahead = self._ahead
        if ahead:
            return ahead.popleft()
        if self._error:
            raise ProtocolError(self._error)
        if self._greeting.state is not State.READY:
            said = self._shake_hands()
            if said is not None:
                return said
        else:
            while self._inbox.ready():
                self._read_ahead()
                if ahead:
                    return ahead.popleft()
        return self._at_the_end() if self._closing else NEED_DATA

    def send(self, message: Message) -> bytes:
        """The frame to write. A Request is pending from now on; raises LocalError, and then nothing has changed."""
        if self._greeting.state is State.READY and self._end is None:
            frame = self._codec.write(message)
            if len(frame) - _SIZE_BYTES > self._most_after:
                size = len(frame) - _SIZE_BYTES
                raise LocalError(f"{type(message).__name__} of {size} bytes; at most {self._most_after}")
            if isinstance(message, Request):
                self._pending.add(message, frame)
            return frame
        if not is_handshake(message) or not (self._end is None or self._may_explain(message)):
            raise LocalError(f"{type(message).__name__} cannot be sent: {self.state}")
        body = self._greeting.said(message, self._codec.order)
        return self._codec.size.pack(len(body)) + body

    def forget(self, request: Request) -> None:
        """Stop waiting for the answer to this very object; should it come, it is a Stray."""
        self._pending.forget(request, self._codec.write(request))

    def _may_explain(self, message: Message) -> bool:
        """A server tells a client that broke the handshake why it hangs up."""
        return self._end is State.FAILED and isinstance(message, Refusal)

    def _at_the_end(self) -> Message | Literal[NeedData.NEED_DATA]:
        if self._end is State.CLOSED:
            return NEED_DATA
        if self._inbox and self._greeting.state is not State.DECIDING:
            raise self._broken("closed within a message")
        self._inbox.clear()
        self._end = State.CLOSED
        return Ended()

    def _shake_hands(self) -> Message | None:
        state, inbox = self._greeting.state, self._inbox
        if state is State.FAILED:
            inbox.clear()
            return None
        if state is State.DECIDING:
            if len(inbox) > self._most_before + _SIZE_BYTES:
                raise self._broken("too much was said before the handshake's result")
            return None
        if not inbox.ready():
            return None
        if state in {State.CHALLENGING, State.GREETING}:
            raise self._broken(f"something was said out of turn: {state}")
        frame = self._cut(inbox)
        if frame is None:
            return None
        try:
            return self._greeting.heard(frame, self._codec.order)
        except UnreadableError as error:
            raise self._broken(str(error)) from None

    def _cut(self, inbox: Inbox) -> bytes | None:
        """The next frame of the handshake, if it is whole."""
        left = len(inbox.data) - inbox.at
        if left >= _SIZE_BYTES and self.byte_order is ByteOrder.AUTO:
            size = inbox.data[inbox.at : inbox.at + _SIZE_BYTES]
            order = spoken_order(size, self._most_before)
            if order is None:
                raise self._broken(f"a first size of {size.hex()} makes sense in no byte order")
            self.byte_order, self._codec = order, codec(self.role, order)
        wanted = self._lacking(inbox.data, inbox.at)
        if left < wanted:
            inbox.read_to(inbox.at, wanted)
            return None
        frame = inbox.data[inbox.at : inbox.at + wanted]
        inbox.read_to(inbox.at + wanted, 1)
        return frame

    def _lacking(self, data: bytes, at: int) -> int:
        """How many bytes from `at` on are needed to go on; a size or a type that cannot be is refused here."""
        left = len(data) - at
        if left < _SIZE_BYTES:
            return _SIZE_BYTES
        (size,) = self._codec.size.unpack_from(data, at)
        ready = self._greeting.state is State.READY
        most = self._most_after if ready else self._most_before
        if not 0 < size <= most:
            raise self._broken(f"a message of {size} bytes; 1 to {most} are allowed")
        if left == _SIZE_BYTES:
            return _SIZE_BYTES + 1
        wrong = self._codec.wrong_type(data[at + _SIZE_BYTES], ready=ready)
        if wrong:
            raise self._broken(wrong)
        return int(size) + _SIZE_BYTES

    def _broken(self, reason: str) -> ProtocolError:
        self._error, self._end = reason, State.FAILED
        self._inbox.clear()
        return ProtocolError(reason)

    def _read_ahead(self) -> None:
        """Reads some whole frames; an answer only as the first, so that what is pending changes as events are taken."""
        codec, ahead, inbox = self._codec, self._ahead, self._inbox
        append = ahead.append
        size_at, requests, notifications = codec.size.unpack_from, codec.requests, codec.notifications
        most, start, data_event = self._most_after, self._hashed_from, codec.data_event
        data, at, wanted = inbox.data, inbox.at, 1
        end = len(data)
        for _ in range(_MOST_AHEAD):
            body = at + _SIZE_BYTES
            stop = body + size_at(data, at)[0] if body <= end else 0
            if not body < stop <= end or stop - body > most:
                wanted = 1 if ahead else self._lacking(data, at)
                break
            frame = data[at:stop]
            kind = frame[4:6]
            if kind == data_event and stop - at > 6 and (device_type := frame[6]) in DEVICE_TYPES:
                # Nearly all that a hub hears, so without a detour over its reader.
                digest = sha1(frame[start:] if start else frame).digest()  # noqa: S324 - the seed's, a name
                event: Message = DataEvent(device_type, frame[7:], digest=digest)
            elif (known := requests.get(kind)) is not None:
                digest = sha1(frame[start:] if start else frame).digest()  # noqa: S324 - the seed's, a name
                try:
                    event = known(frame, digest)
                except UnreadableError as error:
                    event = Malformed(digest, NackCode.MALFORMED, str(error))
            elif (heard := notifications.get(kind)) is not None:
                try:
                    event = heard(frame)
                except UnreadableError as error:
                    event = Ignored(str(error))
            elif ahead:
                break
            else:
                event = self._other(frame)
            append(event)
            at = stop
        inbox.read_to(at, wanted)

    def _other(self, frame: bytes) -> Message:
        """Answers, what nobody knows, and what cannot be."""
        codec, kind = self._codec, frame[4]
        if kind in {codec.ack_type, codec.nack_type}:
            return self._pending.answer(frame, codec)
        if kind == codec.notification_type:
            return Ignored(f"a notification that nobody knows: {frame[5:6].hex() or 'without a code'}")
        if kind != codec.request_type:
            raise self._broken(codec.wrong_type(kind, ready=True))
        digest = sha1(frame[self._hashed_from :]).digest()  # noqa: S324 - the seed's, a name
        if len(frame) <= _SIZE_BYTES + 1:
            return Malformed(digest, NackCode.MALFORMED, "a request without a code")
        return Malformed(digest, NackCode.UNSUPPORTED, f"request 0x{frame[5]:02x} is not known")
