"""The page for others than this machine: TLS, its certificate, what speaks something else."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

import pytest
import trio
from cryptography import x509

from page_rig import open_page
from rushes.errors import ConfigError, RushesError
from rushes.page import certificate as making
from rushes.page import connections, here
from rushes.page.address import bind, read_address
from rushes.page.certificate import read_certificate, self_signed
from rushes.page.serve import listening
from rushes.settings import Settings

EVERYWHERE = "0.0.0.0:0"


@pytest.fixture
async def secured(state, api):
    async with open_page(state, api, page=EVERYWHERE) as found:
        yield found


async def test_others_get_tls_and_a_secure_cookie(secured):
    answer = await secured.sign_in()
    assert answer.status == 200
    assert answer.headers["set-cookie"].startswith("__Host-rushes-")
    assert answer.headers["set-cookie"].endswith("; SameSite=Strict; Secure")
    assert (await secured.get("/v1/status")).status == 200
    assert secured.page.url.startswith("https://")
    assert (await secured.post("/v1/jobs/top", Origin=secured.origin.replace("https", "http"))).status == 403


async def test_the_page_goes_by_the_names_of_the_machine(secured):
    for name in [*here.names(), *map(str, here.addresses())]:
        host = f"[{name}]" if ":" in name else name
        assert (await secured.get("/", Host=f"{host}:{secured.port}")).status == 200
    assert (await secured.get("/", Host="evil.example")).status == 403


async def test_it_goes_by_the_names_that_were_given(state, api):
    names = ("Cart.local", "192.0.2.9")
    async with open_page(state, api, page=EVERYWHERE, page_names=names) as browser:
        assert browser.page.url == f"https://cart.local:{browser.port}/"
        assert {"cart.local", "192.0.2.9"} <= browser.page.certificate.names
        for name in ("CART.local:8443", "192.0.2.9", "cart.local."):
            assert (await browser.get("/", Host=name)).status == 200


async def test_the_certificate_is_the_one_that_is_told(secured):
    with trio.fail_after(10):
        async with await secured.connect() as stream:
            await stream.do_handshake()
            der = stream.getpeercert(binary_form=True)
            assert stream.selected_alpn_protocol() is None
            assert stream.version() in {"TLSv1.2", "TLSv1.3"}
    assert sha256(der).hexdigest() == secured.page.certificate.fingerprint.replace(":", "").lower()


async def test_old_tls_is_not_spoken(secured):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with await trio.open_tcp_stream("127.0.0.1", secured.port) as plain:
        with trio.fail_after(10), pytest.raises(trio.BrokenResourceError):
            await trio.SSLStream(plain, context).do_handshake()


@pytest.mark.parametrize(
    "request_", [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"POST /enter HTTP/1.1\r\n" + b"x" * 50_000]
)
async def test_plain_http_is_told_that_this_is_https(secured, api, request_):
    with trio.fail_after(10):
        async with await trio.open_tcp_stream("127.0.0.1", secured.port) as stream:
            await stream.send_all(request_)
            await stream.send_eof()
            told = b"".join([piece async for piece in stream])
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"https://" in told
    assert api.asked == []


@pytest.mark.parametrize(
    "said", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"\x00\x01", b"\x80\x2e\x01\x03", b"GET"]
)
async def test_who_does_not_come_to_the_point_is_cut_off(state, api, monkeypatch, said):
    monkeypatch.setattr(connections, "HANDSHAKE_S", 0.2)
    async with open_page(state, api, page=EVERYWHERE) as secured:
        with trio.fail_after(10):
            async with await trio.open_tcp_stream("127.0.0.1", secured.port) as stream:
                await stream.send_all(said)
                try:
                    while await stream.receive_some():
                        pass
                except trio.BrokenResourceError:
                    pass  # cut off is cut off
        assert (await secured.get("/")).status == 200


def test_without_tls_no_address_of_others_is_bound():
    for text in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
        with pytest.raises(ConfigError, match="needs TLS"):
            bind(read_address(text), secure=False)


def listen(state, **settings):
    with listening(Settings(**settings), state) as page:
        return page.url, page.tls, page.certificate


@pytest.mark.parametrize("text", ["127.0.0.1:0", ":0", "localhost:0", "[::1]:0", "127.8.8.8:0"])
def test_this_machine_alone_needs_no_tls(tmp_path, text):
    url, tls, certificate = listen(tmp_path, page=text)
    assert url.startswith("http://")
    assert (tls, certificate) == (None, None)


def test_the_certificate_is_made_once_for_this_machine(tmp_path):
    before = datetime.now(UTC)
    _, tls, made = listen(tmp_path, page=EVERYWHERE)
    assert tls.minimum_version == ssl.TLSVersion.TLSv1_2
    assert listen(tmp_path, page=EVERYWHERE)[2] == made
    assert made.certificate.parent == tmp_path / "page"
    assert made.certificate.stat().st_mode & 0o777 == 0o600
    assert made.names == {*here.names(), *map(str, here.addresses())}
    found = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=825)
    assert found.not_valid_before_utc < before
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("host", ["", "localhost", "Käfig", "a b", "Cart.Set.example."])
def test_whatever_the_machine_is_called(tmp_path, monkeypatch, host):
    monkeypatch.setattr("socket.gethostname", lambda: host)
    named = ("cart.set.example", "cart", "cart.local") if host.startswith("Cart") else ()
    assert here.names() == (*named, "localhost")
    assert self_signed(tmp_path, here.names(), []).names == set(here.names())


def test_one_that_ends_soon_is_made_anew(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(making, "GOOD", timedelta(days=29))
        old = self_signed(tmp_path, ["localhost"], [])
    new = self_signed(tmp_path, ["localhost"], [])
    assert new.fingerprint != old.fingerprint
    assert self_signed(tmp_path, ["localhost"], []) == new


def pem(folder, name="own", names=("set.example",), good=timedelta(days=800)):
    made = folder / name
    made.mkdir()
    made = made / "both.pem"
    original, making.GOOD = making.GOOD, good
    try:
        made.write_bytes(making._made(names, [ip_address("192.0.2.5")]))
    finally:
        making.GOOD = original
    return made


async def test_ones_own_certificate(tmp_path, state, api):
    own = pem(tmp_path)
    options = {"page_certificate": own, "page_key": own}
    async with open_page(state, api, page=EVERYWHERE, **options) as browser:
        assert browser.page.certificate.own
        assert (await tls_get(browser, own, "set.example")).startswith(b"HTTP/1.1 200")
    assert listen(state, page="127.0.0.1:0", **options)[0].startswith("https://")
    assert not (state / "page" / "certificate.pem").exists()


async def tls_get(browser, cafile, name):
    context = ssl.create_default_context(cafile=cafile)
    with trio.fail_after(10):
        plain = await trio.open_tcp_stream("127.0.0.1", browser.port)
        async with trio.SSLStream(plain, context, server_hostname=name, https_compatible=True) as stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % name.encode())
            return b"".join([piece async for piece in stream])


def test_certificates_that_cannot_be_used_are_told_in_a_line(tmp_path, state):
    own, other = pem(tmp_path), pem(tmp_path, "other")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    past = pem(tmp_path, "past", good=timedelta(minutes=30))
    for certificate, key, told in [
        (own, other, "cannot be used"),
        (own, text, "cannot be used"),
        (text, own, "no PEM certificate"),
        (tmp_path / "none.pem", own, "cannot be read"),
        (past, past, "ended on"),
    ]:
        with pytest.raises(RushesError, match=told) as caught:
            listen(state, page=EVERYWHERE, page_certificate=certificate, page_key=key)
        assert "\n" not in str(caught.value)
        assert "; " in str(caught.value)
    with pytest.raises(ConfigError, match="name both"):
        listen(state, page=EVERYWHERE, page_certificate=own)


def test_a_key_with_a_password_asks_nobody(tmp_path):
    from cryptography.hazmat.primitives import serialization as form

    own = pem(tmp_path)
    key = form.load_pem_private_key(own.read_bytes(), None)
    sealed = tmp_path / "sealed.pem"
    how = form.BestAvailableEncryption(b"secret")
    sealed.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, how))
    with pytest.raises(RushesError, match="without a password"):
        read_certificate(own, sealed).context()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "127.0.0.1",
        "1.2.3:80",
        "example.com:80",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "::1:80",
        "[::1:80",
        "127.0.0.1:-1",
        "127.0.0.1:²",
        "1.1.1.1:999999999",
    ],
)
def test_addresses_that_are_none(text):
    with pytest.raises(ConfigError, match="write an IP address and a port"):
        read_address(text)


def test_an_address_that_is_taken_is_told_in_a_line(tmp_path):
    sock, address = bind(read_address("127.0.0.1:0"), secure=False)
    with sock, pytest.raises(RushesError, match=r"something listens there already; .*--page 127\.0\.0\.1:0"):
        listen(tmp_path, page=str(address))


def test_an_address_of_another_machine_is_told_in_a_line(tmp_path):
    with pytest.raises(RushesError, match="not an address of this machine"):
        listen(tmp_path, page="203.0.113.77:0")
