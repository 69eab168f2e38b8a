"""A receiver of webhooks on this machine, HTTP or HTTPS, that answers as it is told and keeps what it got."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

README = Path(__file__).parents[1] / "plugins/rushes_webhook/README.md"
SECRET = "whsec_c2V2ZW50ZWVuLWJ5dGVzLW9yLW1vcmUtb2YtaXQ="


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def document(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers["webhook-id"]


class Receiver:
    """`answers` are taken one a post: a status, or (status, headers, body), or a function that has the handler."""

    def __init__(self):
        self.posts: list[Post] = []
        self.answers: list = []
        self.connections = 0
        self.url = ""

    @property
    def taken(self) -> list[Post]:
        return [post for post in self.posts if 200 <= post.status < 300]

    def documents(self):
        return [post.document for post in self.taken]

    def seqs(self):
        return [document["data"]["seq"] for document in self.documents()]

    def wait_for(self, count: int, timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while len(self.taken) < count:
            assert time.monotonic() < deadline, f"{len(self.taken)} of {count} posts"
            time.sleep(0.01)


@contextmanager
def receiving(tls=None, path="/rushes", port=0):
    """A receiver in a thread; `tls` is a server's SSLContext."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def setup(self):
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            receiver.connections += 1
            super().setup()

        def finish(self):
            try:
                super().finish()
            finally:
                self.request.close()

        def do_POST(self):
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # the sender was cancelled
                self.close_connection = True
                return
            answer = receiver.answers.pop(0) if receiver.answers else 200
            status, headers, content = answer if isinstance(answer, tuple) else (answer, {}, b"ok")
            known = {name.lower(): value for name, value in self.headers.items()}
            receiver.posts.append(Post(self.path, known, body, status if isinstance(status, int) else 0))
            if callable(status):
                status(self)
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments):
            """A client that hangs up in the middle is what some tests are about."""

    with Server(("127.0.0.1", port), Handler) as server:
        receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}{path}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def verify():
    """The function that the README gives receivers."""
    [source] = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    names = {}
    exec(compile(source, str(README), "exec"), names)
    return names["verified"]
