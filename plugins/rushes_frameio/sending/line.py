"""A TLS connection to an upload host, used by one worker thread at a time and cut from trio's thread.

TLS on trio's thread is the limit of an upload; blocking sockets in threads let go of the interpreter
while they encrypt and were measured at twice the speed (performance.md, section 1).
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import socket
import ssl
import struct
import termios
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import trio

from rushes_frameio.refusal.answers import Answer
from rushes_frameio.refusal.causes import why
from rushes_frameio.sending.flow import Flow

#: Bytes read and encrypted at a time: they stay in the cache of one core.
PIECE_BYTES = 256 * 1024
#: Seconds without a byte moving until a connection is given up.
STALL_S = 60.0
CONNECT_S = 30.0
#: Seconds an unused connection is kept; S3 closes them sooner or later by itself.
IDLE_S = 10.0
LONGEST_BODY = 64 * 1024
#: How often the kernel is asked how much of a part has left.
LOOK_S = 0.05
#: `tcpi_bytes_acked` and `tcpi_bytes_received` of the kernel's `tcp_info` (tcp.h): what sits in a buffer of ours is
#: in neither.
_MOVED = struct.Struct("=120x2Q")


class CutError(Exception):
    """The connection failed before an answer, why in words for people; `whole` says whether all bytes had been handed
    to it.
    """

    def __init__(self, reason: str, *, whole: bool = False) -> None:
        super().__init__(reason)
        self.whole = whole


class SourceError(Exception):
    """The file could not be read (an OSError is the cause) or ended early (no cause)."""


@dataclass(kw_only=True, slots=True, eq=False)
class Put:
    """One attempt at one part, at the flow's pace.

    `sent` grows while a thread works on it and may be read from any other; `left` is what of it has left this
    machine, for the kernel keeps much of what it is handed.
    """

    number: int
    url: str = field(repr=False)
    filetype: str
    descriptor: int
    offset: int
    size: int
    check: bool
    flow: Flow
    sent: int = 0
    left: int = 0

    def has_left(self, count: int) -> None:
        if count > self.left:
            self.flow.moved(count - self.left)
            self.left = count


class Line:
    def __init__(self, sock: ssl.SSLSocket, key: tuple[str, int]) -> None:
        self.key = key
        self.used = False
        self.reusable = False
        self.idle_since = 0.0
        self._sock = sock
        self._handshaken = False
        self._interrupted = False
        self._moved = 0
        #: Whether a whole part was handed over and its answer is awaited; since when its host has all of it.
        self._asking = False
        self._had_since: float | None = None
        self._http = http.client.HTTPConnection(*key)
        self._http.sock = sock
        self._http.auto_open = 0  # never reconnects, and never without TLS

    def put(self, put: Put) -> Answer:
        """Send one part and return the answer; blocks, for a worker thread. Raises CutError, SourceError."""
        self.used, self.reusable = self._handshaken, False
        try:
            if not self._handshaken:
                self._sock.do_handshake()
                self._handshaken = True
            self._send_head(put)
            try:
                digest = self._send_body(put)
            except OSError as error:
                return self._early_answer(error)
            self._asking = True
            answer = self._answer(digest)
            put.has_left(put.sent)
            return answer
        except (OSError, http.client.HTTPException) as error:
            raise CutError(why(error, self.key[0]), whole=put.sent == put.size) from error
        finally:
            self._asking = False

    def _send_head(self, put: Put) -> None:
        url = urlsplit(put.url)
        target = url.path + (f"?{url.query}" if url.query else "")
        # Exactly the signed headers: one more or one less and the signature does not match.
        self._http.putrequest("PUT", target, skip_host=True, skip_accept_encoding=True)
        self._http.putheader("Host", url.netloc)
        self._http.putheader("content-type", put.filetype)
        self._http.putheader("x-amz-acl", "private")
        self._http.putheader("Content-Length", str(put.size))
        self._http.endheaders()

    def _send_body(self, put: Put) -> str:
        digest = hashlib.md5(usedforsecurity=False) if put.check else None
        buffer = memoryview(bytearray(min(PIECE_BYTES, put.size)))
        pace, look_at = put.flow.pace, 0.0
        while put.sent < put.size:
            room = buffer[: min(put.size - put.sent, pace.piece(PIECE_BYTES))]
            try:
                count = os.preadv(put.descriptor, [room], put.offset + put.sent)
            except OSError as error:
                raise SourceError(error.strerror) from error
            if not count:
                raise SourceError
            piece = room[:count]
            if digest:
                digest.update(piece)
            if pace.rate is not None:
                pace.take(count, lambda: self._interrupted)
            self._sock.sendall(piece)
            put.sent += count
            if (now := time.monotonic()) >= look_at:
                put.has_left(put.sent - self._unsent())
                look_at = now + LOOK_S
        return digest.hexdigest() if digest else ""

    def _unsent(self) -> int:
        """Bytes that the kernel keeps because the peer has not acknowledged them; 0 where it does not tell."""
        try:
            return int(struct.unpack("i", fcntl.ioctl(self._sock, termios.TIOCOUTQ, bytes(4)))[0])
        except OSError:
            return 0

    def stirred(self) -> bool:
        """Whether the host took or sent a byte since this was asked last; on trio's thread, while another may work."""
        was, self._moved = self._moved, self._counted()
        return self._moved > was

    def kept_waiting(self) -> float:
        """Seconds, looked at again and again, that the host has had all of a part and said nothing."""
        if not self._asking or self._unsent():
            self._had_since = None
            return 0.0
        now = time.monotonic()
        self._had_since = self._had_since or now
        return now - self._had_since

    def _counted(self) -> int:
        try:
            told = self._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _MOVED.size)
        except OSError:
            return self._moved
        if len(told) < _MOVED.size:
            return self._moved
        taken, sent = _MOVED.unpack(told)
        # A host that hangs has a kernel that takes a greeting all the same.
        return int(taken + sent) if self._handshaken else int(sent)

    def _early_answer(self, error: OSError) -> Answer:
        """A host that refuses before it has read everything says why, then hangs up: read what it said."""
        if self._interrupted:
            raise error
        try:
            answer = self._answer("")
        except (OSError, http.client.HTTPException):
            raise error from None
        if answer.status < 300:
            raise error  # no host can have bytes that were not sent
        self.reusable = False
        return answer

    def _answer(self, md5: str) -> Answer:
        response = self._http.getresponse()
        body = response.read(LONGEST_BODY)
        self.reusable = response.isclosed() and not response.will_close
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=headers, body=body, md5=md5)

    def interrupt(self) -> None:
        """End what a thread is doing on this line within milliseconds; from any thread."""
        self._interrupted = True
        # The method of the plain socket: the one of SSLSocket drops the TLS object under the thread's feet.
        with suppress(OSError):  # it may have ended by itself
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def stale(self) -> bool:
        """Whether the host has hung up or the line is too old to trust."""
        if time.monotonic() - self.idle_since > IDLE_S:
            return True
        self._sock.setblocking(False)
        try:
            self._sock.recv(1)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True
        finally:
            self._sock.settimeout(STALL_S)
        return True  # its end, or bytes that nobody asked for

    def close(self) -> None:
        self._http.close()
        self._sock.close()


class Lines:
    """Connections of one component, kept between parts and files."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._idle: dict[tuple[str, int], list[Line]] = {}
        self._taken: set[Line] = set()

    async def take(self, url: str) -> Line:
        """A line to the url's host: an idle one, or a new one whose handshake its first part will do.

        Raises CutError.
        """
        parts = urlsplit(url)
        key = (parts.hostname or "", parts.port or 443)
        idle = self._idle.get(key, [])
        while idle:
            line = idle.pop()
            if not line.stale():
                self._taken.add(line)
                return line
            line.close()
        try:
            with trio.fail_after(CONNECT_S):
                stream = await trio.open_tcp_stream(*key)
            line = Line(self._wrapped(stream, key[0]), key)
        except trio.TooSlowError as error:
            raise CutError("it does not answer") from error
        except OSError as error:
            raise CutError(why(error, key[0])) from error
        self._taken.add(line)
        return line

    def _wrapped(self, stream: trio.SocketStream, host: str) -> ssl.SSLSocket:
        try:
            stream.socket.getpeername()
        except OSError:  # the host reset it at once; `wrap_socket` would raise too, but not close it
            stream.socket.close()
            raise
        sock = socket.socket(fileno=stream.socket.detach())
        # trio asks the kernel to keep little unsent; that serves fairness on one thread, not these threads.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, 0)
        sock.settimeout(STALL_S)
        return self._context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)

    def give(self, line: Line) -> None:
        """Put a line back; one that cannot carry another part is closed."""
        self._taken.discard(line)
        if line.reusable:
            line.idle_since = time.monotonic()
            self._idle.setdefault(line.key, []).append(line)
        else:
            line.close()

    def stirred(self) -> bool:
        """Whether a host took or sent a byte since this was asked last."""
        return sum(line.stirred() for line in self._taken) > 0  # each of them is asked

    def kept_waiting(self) -> float:
        """Seconds that a host has had all of some part and said nothing."""
        return max((line.kept_waiting() for line in self._taken), default=0.0)

    async def follow(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Cut every line each time `changed()` returns, until cancelled: the network is another one.

        Without it a part on a dead line would be noticed after STALL_S.
        """
        while True:
            await changed()
            self.close()
            for line in self._taken:
                line.interrupt()

    def close(self) -> None:
        """Close the lines that lie idle."""
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()
