"""The requests that wait for their answers: found by digest, equal ones answered in the order they were sent."""

from __future__ import annotations

from collections import deque
from hashlib import sha1

from rushes_masterlockit.protocol.codec import Codec
from rushes_masterlockit.protocol.codes import DIGEST_BYTES, DigestSpan
from rushes_masterlockit.protocol.events import Acked, Ignored, Message, Nacked, Request, Stray

#: So many forgotten requests keep their place in the order of their twins; of more, the oldest lose it.
MOST_FORGOTTEN = 1024

#: Where these parts of an answer's frame start.
_TYPE, _DIGEST, _DATA = 4, 5, 5 + DIGEST_BYTES
_CODE_BYTES = 4


class _Place:
    """A request's place among its twins; None once it is forgotten or answered."""

    __slots__ = ("request", "twins")

    def __init__(self, request: Request, twins: _Twins) -> None:
        self.request: Request | None = request
        self.twins = twins


class _Twins(deque[_Place]):
    """The places of equal requests, oldest first, and the digests under which they are found."""

    __slots__ = ("digests",)

    def __init__(self, digests: tuple[bytes, ...]) -> None:
        super().__init__()
        self.digests = digests


class Pending:
    """`strict`: answers spell digests in this span; else in either (A5)."""

    def __init__(self, span: DigestSpan, *, strict: bool) -> None:
        self._starts = (hashed_from(span),) if strict else tuple(map(hashed_from, DigestSpan))
        self._found: dict[bytes, _Twins] = {}
        self._forgotten: deque[_Place] = deque()
        self.count = 0

    def add(self, request: Request, frame: bytes) -> None:
        """`frame` as it goes on the wire."""
        digests = self._digests(frame)
        twins = self._found.get(digests[0])
        if twins is None:
            twins = _Twins(digests)
            for digest in digests:
                self._found[digest] = twins
        twins.append(_Place(request, twins))
        self.count += 1

    def answer(self, frame: bytes, codec: Codec) -> Message:
        """What a frame of an acknowledgement's or a refusal's type says; a Stray where it is for nothing pending."""
        if len(frame) < _DATA:
            return Ignored(f"an answer of {len(frame)} bytes, which has no digest")
        digest = frame[_DIGEST:_DATA]
        request = self._take(digest)
        if request is None:
            return Stray(digest)
        if frame[_TYPE] == codec.ack_type:
            return Acked(request, frame[_DATA:])
        # A peer that cuts the code short has still refused.
        code, data = frame[_DATA : _DATA + _CODE_BYTES], frame[_DATA + _CODE_BYTES :]
        return Nacked(request, codec.number(code), data)

    def forget(self, request: Request, frame: bytes) -> None:
        """Stop waiting for this very object; of several sendings, for the oldest."""
        twins = self._found.get(self._digests(frame)[0], ())
        place = next((place for place in twins if place.request is request), None)
        if place is None:
            return
        place.request = None
        self.count -= 1
        self._forgotten.append(place)
        if len(self._forgotten) > MOST_FORGOTTEN:
            self._give_up(self._forgotten.popleft())

    def _take(self, digest: bytes) -> Request | None:
        twins = self._found.get(digest)
        if twins is None:
            return None
        request = twins.popleft().request
        self._drop_empty(twins)
        if request is not None:
            self.count -= 1
        return request

    def _give_up(self, place: _Place) -> None:
        if place in place.twins:
            place.twins.remove(place)
            self._drop_empty(place.twins)

    def _drop_empty(self, twins: _Twins) -> None:
        if not twins:
            for digest in twins.digests:
                self._found.pop(digest, None)

    def _digests(self, frame: bytes) -> tuple[bytes, ...]:
        return tuple(sha1(frame[start:]).digest() for start in self._starts)  # noqa: S324 - the seed's, a name


def hashed_from(span: DigestSpan) -> int:
    """The first byte of a frame that its digest is taken of (A5)."""
    return 0 if span is DigestSpan.FULL else _TYPE
