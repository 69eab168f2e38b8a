"""Nothing that can be sent makes the service answer 500, fall over or lose its voice."""

import json
import logging
import ssl

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from rushes_sandbox.forms import BadBody, parse_form
from rushes_sandbox.signing import Signer, StorageRefused

VERSION = {"x-client-version": "1.2.3"}
SIGNER = Signer(b"k" * 32)


@given(st.binary(max_size=200), st.sampled_from(["x", "a;b", "--"]))
def test_any_multipart_is_fields_or_badbody(body, boundary):
    try:
        fields = parse_form(f'multipart/form-data; boundary="{boundary}"', body)
    except BadBody:
        return
    assert all(isinstance(value, str) for value in fields.values())


@given(st.text(max_size=60), st.binary(max_size=100))
def test_any_content_type_is_fields_or_badbody(content_type, body):
    for kind in (content_type, f"multipart/form-data;{content_type}", "application/x-www-form-urlencoded"):
        try:
            assert isinstance(parse_form(kind, body), dict)
        except BadBody:
            continue


@given(st.dictionaries(st.from_regex("[a-z_]{1,20}", fullmatch=True), st.text(max_size=50)))
def test_multipart_fields_come_through(fields):
    lines = [
        f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = ("".join(lines) + "--b0--\r\n").encode("utf-8", "surrogatepass")
    assert parse_form("multipart/form-data; boundary=b0", body) == fields


@given(st.text(max_size=300))
def test_any_query_is_refused_as_s3_would(query):
    with pytest.raises(StorageRefused) as refused:
        SIGNER.check("PUT", "/x", query, {}, 0)
    assert refused.value.status in {400, 403}
    assert refused.value.answer().body


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"filesize": 1' + b"0" * 10_000 + b"}",
    b'{"filesize": NaN}',
    b'{"name": "\\ud800", "\\ud800": 1}',
    b'{"name": "a", "filetype": "a/b", "filesize": 1, "\\ud800": 1, "is_realtime_upload": {}}',
    b'{"user_code": 5}',
    b'{"user_code": "\\ud800"}',
    b'[{"match": "\\ud800", "status": 500}]',
    b'--x\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nv',
    b"client_id=%ff&client_id=a",
    b"x" * 1_100_000,
]
PATHS = [
    "/v2/auth/device/code",
    "/v2/auth/token",
    "/v2/auth/revoke",
    "/v2/devices/assets",
    "/v2/devices/heartbeat",
    "/_sandbox/confirm",
    "/_sandbox/faults",
    "/_sandbox/projects",
    "/_sandbox/sockets",
    "/oauth2/token",
    "/parts/x/part_1",
    "/uploads/%00",
    "/parts/../../etc/passwd",
]
TYPES = [
    "application/json",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "",
    "\xff;\xfe",
]


@pytest.mark.parametrize("path", PATHS)
async def test_hostile_bodies_get_a_4xx(camera, sandbox, path, caplog):
    await camera.pair()
    for body in BODIES:
        for kind in TYPES:
            headers = {**camera.headers, "content-type": kind.encode("latin-1")}
            answer = await camera.http.post(path, content=body, headers=headers)
            assert answer.status_code < 500, (path, kind, body[:40])
        await camera.http.delete("/_sandbox/faults")
    assert (await camera.http.get("/_sandbox/violations")).status_code == 200
    assert json.dumps((await camera.http.get("/_sandbox/assets")).json())
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_broken_http_does_not_end_the_service(camera, sandbox, caplog):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    for sent in [
        b"",
        b"\x00" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: \xff\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"PUT /parts/a HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n",
        b"PUT /parts/a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST /v2/auth/token HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://evil/health?\x01 HTTP/1.1\r\nhost: a\r\n\r\n",
    ]:
        raw = await trio.open_tcp_stream("127.0.0.1", camera.http.base_url.port)
        stream = trio.SSLStream(raw, context, server_hostname="127.0.0.1", https_compatible=True)
        with trio.move_on_after(0.2):
            try:
                await stream.send_all(sent)
                await stream.receive_some(1000)
            except trio.BrokenResourceError:
                pass
        await trio.aclose_forcefully(stream)
    assert (await camera.http.get("/health")).status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
