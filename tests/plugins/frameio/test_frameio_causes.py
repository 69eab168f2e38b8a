"""What people are told of a connection that failed: never an errno, an address or the name of an exception."""

import errno
import http.client
import re
import socket
import ssl

import pytest
import trio

from rushes_frameio.calls.api import trusted
from rushes_frameio.refusal.causes import why
from rushes_frameio.sending.line import CutError, Lines
from rushes_sandbox.authority import open_authority


def certificate(code):
    error = ssl.SSLCertVerificationError(
        1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:992)"
    )
    error.verify_code = code
    return error


def wrapped(cause):
    try:
        try:
            raise ExceptionGroup("all attempts to connect failed", [cause])
        except ExceptionGroup as group:
            raise OSError("all attempts to connect to x:443 failed") from group
    except OSError as outer:
        return outer


UNTRUSTED = "its certificate is not trusted; a network's login page may be in between, or ca_file is not set"
INSECURE = "no secure connection; something on the way is in between"
TABLE = [
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "the connection was cut"),
    (BrokenPipeError(errno.EPIPE, "Broken pipe"), "the connection was cut"),
    (ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:2396)"), "the connection was cut"),
    (http.client.RemoteDisconnected("Remote end closed connection without response"), "the connection was cut"),
    (http.client.IncompleteRead(b"x"), "the connection was cut"),
    (trio.BrokenResourceError(), "the connection was cut"),
    (TimeoutError("The read operation timed out"), "it does not answer"),
    (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "it does not answer"),
    (trio.TooSlowError(), "it does not answer"),
    (wrapped(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")), "connection refused"),
    (wrapped(OSError(errno.ENETUNREACH, "Network is unreachable")), "no network"),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "no network"),
    (socket.gaierror(-2, "Name or service not known"), "its name is not found; no internet, or no DNS"),
    (certificate(62), "its certificate is not valid for upload.example"),
    (certificate(10), "its certificate has expired, or this machine's clock is wrong"),
    (certificate(9), "its certificate is not valid yet, or this machine's clock is wrong"),
    (certificate(19), UNTRUSTED),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), INSECURE),
    (OSError(errno.EMFILE, "Too many open files"), "the connection failed"),
    (ValueError("odd"), "the connection failed"),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "words"), TABLE, ids=lambda each: type(each).__name__)
def test_in_words(failure, words):
    assert why(failure, "upload.example") == words
    assert not re.search(r"[\[\]_]|Error|errno", words.replace("ca_file", ""))


async def test_a_host_that_is_not_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{taken.getsockname()[1]}/part"
        with pytest.raises(CutError, match=r"^connection refused$"):
            await Lines(trusted(None)).take(url)
    with pytest.raises(CutError, match=r"^its name is not found; no internet, or no DNS$"):
        await Lines(trusted(None)).take("https://no-such-host.invalid/part")


@pytest.mark.timeout(20)
async def test_a_certificate_of_another_host(tmp_path):
    tls = open_authority(tmp_path / "tls").server_context()
    ca_file = tmp_path / "tls" / "ca.pem"
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def greet(stream):
        try:
            await stream.do_handshake()
        except (trio.BrokenResourceError, ssl.SSLError):
            pass
        finally:
            await trio.aclose_forcefully(stream)

    def shake():
        address = ("127.0.0.1", listener.socket.getsockname()[1])
        with socket.create_connection(address, 5) as plain:
            trusted(ca_file).wrap_socket(plain, server_hostname="elsewhere.example")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, greet, [trio.SSLListener(listener, tls)])
        with pytest.raises(ssl.SSLCertVerificationError) as failure:
            await trio.to_thread.run_sync(shake)
        assert why(failure.value, "elsewhere.example") == "its certificate is not valid for elsewhere.example"
        nursery.cancel_scope.cancel()
