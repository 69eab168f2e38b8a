"""Faults of networks, of S3 by name, of intermediaries, of sockets; and faults by dice."""

import ssl
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest
import trio
from trio_websocket import ConnectionClosed, wrap_client_stream

BODY = b"x" * 90_000
SOCKET = "GET /devices/websocket"


@pytest.fixture
async def url(camera):
    await camera.pair()
    return (await camera.asset(BODY))["upload_urls"][0]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("RequestTimeout", 400),
        ("BadDigest", 400),
        ("IncompleteBody", 400),
        ("EntityTooLarge", 400),
        ("AccessDenied", 403),
        ("SignatureDoesNotMatch", 403),
        ("RequestTimeTooSkewed", 403),
        ("NoSuchUpload", 404),
        ("OperationAborted", 409),
        ("InternalError", 500),
        ("SlowDown", 503),
        ("ServiceUnavailable", 503),
    ],
)
async def test_s3_errors_come_by_name_in_their_status(camera, sandbox, url, code, status):
    sandbox.faults([{"match": "PUT /uploads", "code": code}])
    answer = await camera.put(url, BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
    assert f"<Code>{code}</Code>" in answer.text
    assert ("Request has expired" in answer.text) == (code == "AccessDenied")
    assert sandbox.assets()[0]["parts"][0]["bytes_received"] == len(BODY)
    assert (await camera.put(url, BODY)).status_code == 200


async def test_a_redirect_names_where_to_send_the_body_again(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "code": "TemporaryRedirect"}])
    answer = await camera.put(url, BODY)
    assert (answer.status_code, answer.headers["location"]) == (307, url)
    assert (await camera.put(answer.headers["location"], BODY)).status_code == 200
    elsewhere = "https://localhost:1/login"
    sandbox.faults([{"match": "GET /health", "html": True, "status": 302, "location": elsewhere}])
    answer = await camera.http.get("/health")
    assert (answer.status_code, answer.headers["location"]) == (302, elsewhere)


async def test_an_expired_url_stays_expired_and_a_fresh_one_works(camera, sandbox):
    await camera.pair()
    asset = (await camera.grow(name="A001.mov")).json()
    ask = [(1, 5, True)], {"asset_filesize": 5}
    [url] = (await camera.ask(asset, *ask[0], **ask[1])).json()["upload_urls"]
    sandbox.faults([{"match": "PUT /parts", "expired": True}])
    for _ in range(2):
        answer = await camera.put(url, b"bytes")
        assert answer.status_code == 403
        assert "<Message>Request has expired</Message>" in answer.text
    [fresh] = (await camera.ask(asset, *ask[0], **ask[1])).json()["upload_urls"]
    assert fresh != url
    assert (await camera.put(fresh, b"bytes")).status_code == 200
    assert sandbox.violations() == []


async def test_an_intermediarys_404_is_html(camera, sandbox, url):
    sandbox.faults([{"match": "P", "html": True, "status": 404, "times": 2}])
    for answer in (await camera.put(url, BODY), await camera.create(10)):
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert len(sandbox.assets()) == 1


async def test_a_rate_limit_answer_has_its_headers(camera, sandbox):
    await camera.pair()
    sandbox.faults([{"match": "POST /v2/devices/assets", "status": 429, "retry_after": 2}])
    answer = await camera.create(10)
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-window", "retry-after")
    assert [answer.headers[name] for name in names] == ["5", "0", "1000", "2"]


async def test_titles_and_auth_errors_may_be_chosen(camera, sandbox):
    sandbox.faults([{"match": "GET /health", "status": 409, "title": "Conflict"}])
    assert (await camera.http.get("/health")).json()["errors"][0]["title"] == "Conflict"
    sandbox.faults([{"match": "POST /v2/auth/token", "code": "slow_down"}])
    answer = await camera.poll("any")
    assert (answer.status_code, answer.json()) == (400, {"error": "slow_down"})


async def test_reset_does_nothing_before_it(camera, sandbox):
    await camera.pair()
    sandbox.faults([{"match": "POST /v2/devices/assets", "reset": True}])
    with pytest.raises(httpx.TransportError):
        await camera.create(10)
    assert sandbox.assets() == []


async def test_bandwidth_limits_the_body(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "rate": 300_000}])
    start = trio.current_time()
    assert (await camera.put(url, BODY)).status_code == 200
    assert trio.current_time() - start >= 0.3
    assert sandbox.assets()[0]["state"] == "complete"


async def test_a_transfer_may_stall_in_its_middle(camera, sandbox, url):
    sandbox.faults([{"match": "PUT /uploads", "hang": True, "cut_after": 20_000}])
    headers = {"content-type": "video/quicktime", "x-amz-acl": "private"}
    with pytest.raises(httpx.TimeoutException):
        await camera.http.put(url, content=BODY, headers=headers, timeout=0.2)
    assert sandbox.assets()[0]["parts"][0]["puts"] == 0
    sandbox.clear_faults()
    assert (await camera.put(url, BODY)).status_code == 200


async def test_a_share_is_drawn_by_dice_that_a_seed_repeats(camera, sandbox):
    async def draw(seed):
        sandbox.clear_faults()
        sandbox.faults([{"match": "GET /health", "status": 503, "times": 1000, "share": 0.5, "seed": seed}])
        return [(await camera.http.get("/health")).status_code for _ in range(40)]

    first = await draw(1)
    assert {200, 503} == set(first)
    assert 8 <= first.count(503) <= 32
    assert await draw(1) == first
    assert await draw(2) != first


@asynccontextmanager
async def dial(sandbox, camera):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    host = sandbox.url.removeprefix("https://")
    raw = await trio.open_tcp_stream("127.0.0.1", int(host.partition(":")[2]))
    stream = trio.SSLStream(raw, context, server_hostname="127.0.0.1")
    query = f"Authorization={quote(camera.headers['authorization'])}"
    try:
        async with trio.open_nursery() as nursery:
            yield await wrap_client_stream(nursery, stream, host, f"/devices/websocket?{query}")
            nursery.cancel_scope.cancel()
    finally:
        await trio.aclose_forcefully(stream)


async def upgrade(sandbox, camera, connect):
    headers = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    query = {"Authorization": camera.headers["authorization"]}
    async with connect(sandbox.url, sandbox.ca_file) as fresh:
        return await fresh.http.get("/devices/websocket", params=query, headers=headers)


async def test_a_sockets_connect_may_be_refused_or_delayed(camera, sandbox, connect):
    await camera.pair()
    sandbox.faults([{"match": SOCKET, "status": 503}, {"match": SOCKET, "html": True, "status": 404}])
    for status in (503, 404):
        assert (await upgrade(sandbox, camera, connect)).status_code == status
    sandbox.faults([{"match": SOCKET, "delay_s": 0.2}])
    start = trio.current_time()
    async with dial(sandbox, camera):
        assert trio.current_time() - start >= 0.2
    statuses = [entry["status"] for entry in sandbox.log() if entry["path"] == "/devices/websocket"]
    assert statuses == [503, 404, 101]
    assert "authorization" not in str(sandbox.log()).lower()


@pytest.mark.parametrize("how", [{"reset": True}, {"swallow_answer": True}, {"cut_after": 0}])
async def test_a_sockets_connect_may_be_reset(camera, sandbox, connect, how):
    await camera.pair()
    sandbox.faults([{"match": SOCKET, **how}])
    with pytest.raises(httpx.TransportError):
        await upgrade(sandbox, camera, connect)
    assert sandbox.devices()[0]["online"] is False


async def test_a_socket_may_be_cut_after_what_it_sent(camera, sandbox):
    await camera.pair()
    sandbox.faults([{"match": SOCKET, "cut_after": 10}])
    async with dial(sandbox, camera) as socket:
        await socket.send_message('{"topic":"phoenix","event":"heartbeat","payload":"","ref":"1"}')
        with pytest.raises(ConnectionClosed), trio.fail_after(20):
            while True:
                await socket.get_message()
