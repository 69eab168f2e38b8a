"""Rate limits, and the log of every request."""

import time

import httpx
import pytest
import trio

from rushes_sandbox import Settings, open_sandbox
from rushes_sandbox.limits import RATES, Rate
from rushes_sandbox.requestlog import LONGEST_BODY, MOST, RequestLog

NAMES = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-window")


def limits(answer):
    return tuple(answer.headers.get(name) for name in NAMES)


async def test_a_burst_of_creates_above_the_published_rate_gets_429(camera, sandbox):
    await camera.pair()
    answers = [await camera.create(10) for _ in range(5)]
    assert limits(answers[0]) == ("5", "4", "1000")
    answers += [await camera.create(10) for _ in range(7)]
    turned_down = [answer for answer in answers if answer.status_code == 429]
    assert turned_down
    for answer in turned_down:
        assert limits(answer) == ("5", "0", "1000")
        assert "retry-after" not in answer.headers
        assert answer.json()["errors"][0]["title"] == "Too Many Requests"
    assert len(sandbox.assets()) + len(turned_down) == 12
    await trio.sleep(0.25)  # a fifth of the window leaks one call
    assert (await camera.create(10)).status_code == 200
    assert limits(await camera.me()) == (None, None, None)


@pytest.mark.parametrize("retry_after", [True, False])
async def test_rates_are_settings(tmp_path, connect, retry_after):
    settings = Settings(interval=0, rates={"assets": Rate(1, 60)}, retry_after=retry_after)
    async with (
        open_sandbox(tmp_path / "state", settings=settings) as sandbox,
        connect(sandbox.url, sandbox.ca_file) as camera,
    ):
        await camera.pair()
        assert (await camera.create(10)).status_code == 200
        answer = await camera.create(10)
        assert (answer.status_code, limits(answer)) == (429, ("1", "0", "60000"))
        assert answer.headers.get("retry-after") == ("60" if retry_after else None)
        assert limits(await camera.post("/v2/devices/channels/disconnect")) == (None, None, None)


async def test_every_class_tells_its_limit(camera):
    await camera.pair()
    asset = (await camera.grow(name="A001.mov")).json()
    body = {"name": "A001.mov", "filetype": "video/quicktime", "filesize": 10}
    answers = {
        "assets": await camera.post("/v2/assets", **body),  # the older path
        "parts": await camera.ask(asset, (1, 100_000)),
        "channels": await camera.post("/v2/devices/channels/disconnect"),
    }
    for name, answer in answers.items():
        assert answer.is_success, answer.text
        assert limits(answer)[0] == str(RATES[name].calls)


async def test_the_log_has_every_request_and_no_secret(camera, sandbox, clock):
    await camera.pair()
    asset = await camera.upload(b"x" * 1000)
    growing = (await camera.grow(name="A001.mov")).json()
    assert (await camera.ask(growing, (1, 100_000))).status_code == 200
    answer = await camera.http.get("/_sandbox/log")
    log = answer.json()
    assert log == sandbox.log()
    assert [entry["seq"] for entry in log] == list(range(1, 8))
    assert [(entry["method"], entry["path"], entry["status"]) for entry in log] == [
        ("POST", "/v2/auth/device/code", 200),
        ("POST", "/v2/auth/token", 200),
        ("GET", "/v2/devices/me", 200),
        ("POST", "/v2/devices/assets", 200),
        ("PUT", f"/uploads/{asset['id']}/original.mov", 200),
        ("POST", "/v2/devices/assets", 200),
        ("POST", f"/v2/devices/assets/{growing['id']}/realtime_upload/parts", 200),
    ]
    create, put, parts = log[3], log[4], log[6]
    assert create["body"] == {"name": "A001.mov", "filetype": "video/quicktime", "filesize": 1000}
    assert (create["client_version"], put["client_version"]) == ("1.2.3", None)
    assert create["host"] == sandbox.url.removeprefix("https://")
    assert (put["bytes"], put["body"]) == (1000, None)
    assert parts["body"] == {"parts": [{"number": 1, "size": 100_000}]}
    assert create["at"] == "2023-11-14T22:13:20.000000Z"
    assert 0 <= create["seconds"] < 10
    for secret in (*map(str, camera.tokens.values()), "sandbox-secret", "X-Amz"):
        if secret not in {"bearer", "28800"}:
            assert secret not in answer.text
    assert sandbox.log(after=5) == log[5:]
    assert (await camera.http.get("/_sandbox/log?after=6")).json() == log[6:]
    assert (await camera.http.get("/_sandbox/log?after=x")).status_code == 400


async def test_what_got_no_answer_is_logged_and_long_bodies_are_not_kept(camera, sandbox):
    await camera.pair()
    sandbox.faults([{"match": "POST /v2/devices/assets", "reset": True}])
    with pytest.raises(httpx.TransportError):
        await camera.create(10)
    assert (await camera.create(10, name="x" * LONGEST_BODY)).status_code == 422
    lost, long = sandbox.log()[-2:]
    assert (lost["status"], lost["body"]) == (None, None)
    assert (long["status"], long["body"]) == (422, None)
    assert long["bytes"] > LONGEST_BODY


async def test_the_log_is_bounded():
    log = RequestLog(time.time)

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200})

    async def send(_message):
        pass

    logged = log.wrap(app)
    scope = {"type": "http", "method": "GET", "path": "/health", "headers": []}
    for _ in range(MOST + 3):
        await logged(scope, None, send)
    entries = log.after(0)
    assert (len(entries), entries[0]["seq"], entries[-1]["seq"]) == (MOST, 4, MOST + 3)
