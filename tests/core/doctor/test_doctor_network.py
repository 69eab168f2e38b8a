"""The doctor's look at the way to a service: real sockets, real TLS, and a clock that is told wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import formatdate
from functools import partial
from types import SimpleNamespace

import pytest
import trio

from rushes.doctor.finding import Patient
from rushes.doctor.network import network
from rushes.settings import Settings
from rushes_sandbox.authority import open_authority


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "tls")


@pytest.fixture
def ca_file(authority):
    return authority.ca_file


async def look(*addresses: str, ca_file=None, environment=None, patience_s=5.0) -> Sequence:
    spec = SimpleNamespace(addresses=lambda _options: addresses)
    cloud = SimpleNamespace(id="cloud", spec=spec, options=SimpleNamespace(ca_file=ca_file))
    patient = Patient(settings=Settings(), pipeline=SimpleNamespace(components=[cloud]))
    findings = await network(patient, environment=environment or {}, patience_s=patience_s)
    assert all(finding.remedy for finding in findings if finding.verdict != "ok")
    return findings


def verdicts(findings):
    return [(finding.check, finding.verdict) for finding in findings]


class Service:
    """Says `answer` to each head that comes; remembers them."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.heads: list[bytes] = []

    async def serve(self, stream) -> None:
        async with stream:
            head = b""
            try:
                while b"\r\n\r\n" not in head:
                    if not (received := await stream.receive_some(4096)):
                        return
                    head += received
                self.heads.append(head)
                await stream.send_all(self.answer)
            except trio.BrokenResourceError:
                return


def telling(ahead_s: float) -> bytes:
    return (
        f"HTTP/1.1 404 Not Found\r\nDate: {formatdate(time.time() + ahead_s, usegmt=True)}\r\n\r\n".encode()
    )


@pytest.fixture
async def https(authority, nursery):
    async def start(answer: bytes, host: str = "127.0.0.1") -> tuple[Service, str]:
        context = authority.server_context()
        service = Service(answer)
        serve = partial(trio.serve_ssl_over_tcp, ssl_context=context, host=host, https_compatible=True)
        [listener] = await nursery.start(serve, service.serve, 0)
        return service, f"https://{host}:{listener.transport_listener.socket.getsockname()[1]}"

    return start


@pytest.mark.parametrize(
    ("ahead_s", "verdict"), [(0, "ok"), (-60, "warning"), (60, "warning"), (3600, "trouble")]
)
async def test_a_service_that_answers_tells_the_time(https, ca_file, ahead_s, verdict):
    service, address = await https(telling(ahead_s))
    assert verdicts(await look(address, ca_file=ca_file)) == [("network", "ok"), ("clock", verdict)]
    [head] = service.heads
    assert head.startswith(b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", b"x" * 100_000]
)
async def test_what_tells_no_time_is_still_reached(https, ca_file, answer):
    _, address = await https(answer)
    assert verdicts(await look(address, ca_file=ca_file)) == [("network", "ok")]


async def test_nobody_we_believe(https, ca_file):
    _, address = await https(telling(0))
    [finding] = await look(address)
    assert (finding.verdict, "not accepted" in finding.fact, "ca_file" in finding.remedy) == (
        "trouble",
        True,
        True,
    )
    _, other = await https(telling(0), "127.0.0.2")  # its certificate is for another address
    assert verdicts(await look(other, ca_file=ca_file)) == [("network", "trouble")]


async def test_a_ca_file_that_is_none(https, tmp_path):
    _, address = await https(telling(0))
    [finding] = await look(address, ca_file=tmp_path / "absent.pem")
    assert (finding.verdict, "absent.pem" in finding.fact) == ("trouble", True)


async def test_no_tls_where_it_should_be(nursery):
    [listener] = await nursery.start(partial(trio.serve_tcp, Service(b"hello").serve, 0, host="127.0.0.1"))
    port = listener.socket.getsockname()[1]
    assert verdicts(await look(f"tcp://127.0.0.1:{port}")) == [("network", "ok")]
    with trio.fail_after(20):
        findings = await look(f"https://127.0.0.1:{port}", patience_s=0.5)
    assert verdicts(findings) == [("network", "trouble")]


async def test_a_portal_that_speaks_http(nursery):
    async def portal(stream):
        async with stream:
            await stream.receive_some(4096)
            await stream.send_all(b"HTTP/1.1 302 Found\r\nLocation: http://hotel/\r\n\r\n")

    [listener] = await nursery.start(partial(trio.serve_tcp, portal, 0, host="127.0.0.1"))
    [finding] = await look(f"https://127.0.0.1:{listener.socket.getsockname()[1]}")
    assert (finding.verdict, "portal" in finding.remedy) == ("trouble", True)


async def test_a_closed_port():
    with trio.socket.socket() as sock:
        await sock.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else gets it
        [finding] = await look(f"tcp://127.0.0.1:{sock.getsockname()[1]}")
    assert (finding.verdict, "connection refused" in finding.fact) == ("trouble", True)


async def test_a_name_that_nobody_has():
    [finding] = await look("https://nobody.invalid", patience_s=30)
    assert (finding.verdict, "nobody.invalid is not found" in finding.fact, "DNS" in finding.remedy) == (
        "trouble",
        True,
        True,
    )


async def test_nobody_answers_in_time():
    with trio.socket.socket() as sock:
        await sock.bind(("127.0.0.1", 0))
        sock.listen(1)
        [finding] = await look(f"https://127.0.0.1:{sock.getsockname()[1]}", patience_s=0.3)
    assert (finding.verdict, "does not answer within" in finding.fact) == ("trouble", True)


async def test_a_proxy_that_is_not_used():
    environment = {"HTTPS_PROXY": "http://user:hunter22@proxy:3128", "https_proxy": "", "NO_PROXY": "x"}
    with trio.socket.socket() as sock:
        await sock.bind(("127.0.0.1", 0))
        findings = await look(f"tcp://127.0.0.1:{sock.getsockname()[1]}", environment=environment)
    assert verdicts(findings) == [("network", "warning"), ("network", "trouble")]
    assert findings[0].fact.startswith("HTTPS_PROXY set")
    assert "hunter22" not in str(findings)
    assert await look(environment=environment) == []
