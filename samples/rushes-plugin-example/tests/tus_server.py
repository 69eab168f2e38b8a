"""A server of the tus protocol, enough to test against: in memory, one request at a time."""

import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

TOKEN = "let me in"


@dataclass
class Upload:
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


class TusServer:
    """`fault` is what the next requests meet: a status, "cut" (the line, in mid-answer) or ""."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.uploads: dict[str, Upload] = {}
        self.fault: int | str = ""

    def whole(self, name: str) -> bytes | None:
        """The bytes of a file that is complete."""
        for upload in self.uploads.values():
            if upload.name == name and len(upload.content) == upload.size:
                return bytes(upload.content)
        return None


@contextmanager
def tus_server() -> Iterator[TusServer]:
    """On a free port of this machine, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_OPTIONS(self) -> None:
            self._answer(204)

        def do_POST(self) -> None:
            told = self.headers["Upload-Metadata"].split()[1]
            place = f"/files/{len(server.uploads)}"
            if self._welcome():
                size = int(self.headers["Upload-Length"])
                server.uploads[place] = Upload(b64decode(told).decode(), size)
                self._answer(201, Location=place)

        def do_HEAD(self) -> None:
            if self._welcome():
                upload = server.uploads.get(self.path)
                there = len(upload.content) if upload else 0
                self._answer(200 if upload else 404, Upload_Offset=str(there))

        def do_PATCH(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self._welcome():
                upload = server.uploads.get(self.path)
                if upload is None or int(self.headers["Upload-Offset"]) != len(upload.content):
                    self._answer(409 if upload else 404)
                    return
                # A line that is cut may have carried half of a part.
                length = len(content) // (2 if server.fault == "half" else 1)
                upload.content += content[:length]
                self._answer(204, Upload_Offset=str(len(upload.content)))

        def _welcome(self) -> bool:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._answer(401)
            elif isinstance(server.fault, int):
                self._answer(server.fault, Retry_After="0")
            else:
                return True
            return False

        def _answer(self, status: int, **headers: str) -> None:
            if isinstance(server.fault, str) and server.fault:
                return  # the line is cut: what was asked may be done all the same
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base
            """Nothing: tests need no log."""

    class Quiet(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was cancelled is gone."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        server = TusServer(f"http://127.0.0.1:{http.server_port}/files")
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
