"""A plain TLS sink for bench_upload: takes PUTs, throws the bytes away, answers as S3 does.

Run as a process of its own: `tls_sink.py CERT KEY HOST RESET_EVERY`; prints its port. With RESET_EVERY above 0
each connection is cut by RST after 0.5 to 1.5 times so many bytes. It forks one child a connection, so
that neither the interpreter's lock nor a thread switch is measured; a child reads into one buffer and sends
an ETag that is no MD5.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import ssl
import struct
import sys

BUFFER_BYTES = 1024 * 1024
ANSWER = b'HTTP/1.1 200 OK\r\nETag: "discarded-1"\r\nContent-Length: 0\r\n\r\n'


def serve(connection: ssl.SSLSocket, until: float) -> None:
    """Answer requests until the peer hangs up, or `until` bytes have come: then cut the connection."""
    buffer = bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    filled = 0
    while True:
        while (end := buffer.find(b"\r\n\r\n", 0, filled)) < 0:
            count = connection.recv_into(view[filled:])
            if not count:
                return
            filled += count
        head = bytes(view[:end]).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if b"expect: 100-continue" in head:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        left = length - (filled - end - 4)
        while left > 0:
            count = connection.recv_into(view, min(BUFFER_BYTES, left))
            if not count:
                return
            left -= count
            until -= count
            if until <= 0:
                # No time to linger: what closes the socket sends RST.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
        filled = 0
        connection.sendall(ANSWER)


def main(certificate: str, key: str, host: str, reset_every: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server((host, 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        raw, _ = listener.accept()
        if os.fork():
            raw.close()
            continue
        listener.close()
        until = int(reset_every) * random.uniform(0.5, 1.5) or float("inf")
        try:
            with context.wrap_socket(raw, server_side=True) as connection:
                serve(connection, until)
        except OSError:
            pass  # the peer went away: nothing to do for a sink
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
