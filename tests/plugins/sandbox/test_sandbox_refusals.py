"""What the upload host and the asset call turn down, and how."""

import json
import re
import socket
import ssl

import pytest
import trio


def storage_error(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/xml"
    assert f"<Code>{code}</Code>" in answer.text
    return re.search("<Message>(.*?)</Message>", answer.text)[1]


@pytest.fixture
async def url(camera):
    await camera.pair()
    return (await camera.asset(b"x" * 1000))["upload_urls"][0]


async def test_every_signed_header_must_be_there_and_right(camera, url, sandbox):
    for wrong in [
        {"filetype": None},
        {"filetype": "video/mp4"},
        {"x_amz_acl": None},
        {"x_amz_acl": "public-read"},
        {"host": "elsewhere"},
    ]:
        storage_error(await camera.put(url, b"x" * 1000, **wrong), 403, "SignatureDoesNotMatch")
    assert len(sandbox.violations()) == 5
    [part] = sandbox.assets()[0]["parts"]
    assert (part["puts"], part["bytes_received"]) == (0, 5000)
    assert (await camera.put(url, b"x" * 1000)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "GET"])
async def test_other_methods_are_not_signed(camera, url, method):
    headers = {"content-type": "video/quicktime", "x-amz-acl": "private"}
    answer = await camera.http.request(method, url, headers=headers)
    storage_error(answer, 403, "SignatureDoesNotMatch")


async def test_a_changed_url_is_refused(camera, url):
    flipped = url[:-1] + ("0" if url[-1] != "0" else "1")
    storage_error(await camera.put(flipped, b"x"), 403, "SignatureDoesNotMatch")
    storage_error(await camera.put(url.replace(".mov", ".mp4"), b"x"), 403, "SignatureDoesNotMatch")
    storage_error(
        await camera.put(url.replace("Expires=86400", "Expires=99999"), b"x"), 403, "SignatureDoesNotMatch"
    )
    storage_error(await camera.put(url.partition("?")[0], b"x"), 403, "AccessDenied")
    storage_error(await camera.put(url.replace("SANDBOXKEYID", "OTHER"), b"x"), 403, "InvalidAccessKeyId")
    for broken in [
        url.replace("X-Amz-Date=", "X-Amz-Date=x"),
        re.sub(r"X-Amz-Date=\d{8}", "X-Amz-Date=99999999", re.sub(r"%2F\d{8}%2F", "%2F99999999%2F", url)),
        url.replace("X-Amz-Expires=", "X-Amz-Expires=-"),
        f"{url}&X-Amz-Date=20200101T000000Z",
        f"{url}&x=1",
        f"{url}&%ff",
        url.replace("x-amz-acl", "range"),
    ]:
        storage_error(await camera.put(broken, b"x"), 400, "AuthorizationQueryParametersError")


async def test_an_expired_url_says_so_and_is_no_violation(camera, url, clock, sandbox):
    clock.now += 86_400
    message = storage_error(await camera.put(url, b"x" * 1000), 403, "AccessDenied")
    assert message == "Request has expired"
    assert sandbox.violations() == []


async def test_a_bearer_token_does_not_belong_on_the_upload_host(camera, url, sandbox):
    answer = await camera.put(url, b"x" * 1000, authorization="Bearer secret")
    assert storage_error(answer, 400, "InvalidArgument").startswith("Only one auth mechanism")
    assert "secret" not in str(sandbox.violations())


async def test_unsigned_amz_headers_are_refused(camera, url):
    answer = await camera.put(url, b"x" * 1000, x_amz_meta_scene="5")
    assert "not signed" in storage_error(answer, 403, "AccessDenied")


async def test_chunked_bodies_are_refused(camera, url):
    async def stream():
        yield b"x" * 1000

    storage_error(await camera.put(url, stream()), 411, "MissingContentLength")


async def test_the_version_header_on_a_part_is_noted(camera, url, sandbox):
    assert (await camera.put(url, b"x" * 1000, x_client_version="1.2.3")).status_code == 200
    [violation] = sandbox.violations()
    assert violation["violation"] == "x-client-version sent to the upload host"


async def test_a_large_refused_body_is_answered_not_blocked(camera, url):
    storage_error(await camera.put(url + "0", b"x" * 3_000_000), 403, "SignatureDoesNotMatch")


async def test_bytes_of_a_put_that_breaks_off_are_counted(camera, url, sandbox):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    raw = await trio.open_tcp_stream("127.0.0.1", camera.http.base_url.port)
    stream = trio.SSLStream(raw, context, server_hostname="127.0.0.1", https_compatible=True)
    target = url.partition(sandbox.url)[2]
    head = f"PUT {target} HTTP/1.1\r\nhost: 127.0.0.1:{camera.http.base_url.port}\r\n"
    head += "content-type: video/quicktime\r\nx-amz-acl: private\r\ncontent-length: 1000\r\n\r\n"
    await stream.send_all(head.encode() + b"x" * 600)
    raw.socket.shutdown(socket.SHUT_WR)
    with trio.fail_after(20):
        while sandbox.assets()[0]["parts"][0]["bytes_received"] != 600:
            await trio.sleep(0.005)
    await trio.aclose_forcefully(stream)
    assert (await camera.put(url, b"x" * 1000)).status_code == 200
    [listed] = sandbox.assets()
    assert listed["parts"] == [{"number": 1, "size": 1000, "puts": 1, "bytes_received": 1600}]
    assert listed["state"] == "complete"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 5}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"filetype": None}, "filetype"),
        ({"filetype": "quicktime"}, "filetype"),
        ({"filesize": None}, "filesize"),
        ({"filesize": 0}, "filesize"),
        ({"filesize": -1}, "filesize"),
        ({"filesize": 1.5}, "filesize"),
        ({"filesize": True}, "filesize"),
        ({"filesize": "10"}, "filesize"),
        ({"filesize": 10**30}, "filesize"),
        ({"offset": -10}, "offset"),
        ({"offset": 1.5}, "offset"),
        ({"offset": 10**12}, "offset"),
        ({"channel": -1}, "channel"),
        ({"channel": 101}, "channel"),
        ({"parts": 0}, "parts"),
        ({"parts": 10_001}, "parts"),
        ({"parts": 999}, "parts"),
        ({"auto_version_id": "no-uuid"}, "auto_version_id"),
    ],
)
async def test_bad_fields_are_422_with_the_field_named(camera, url, change, field):
    body = {"name": "a.mov", "filetype": "video/quicktime", "filesize": 10, **change}
    headers = {**camera.headers, "content-type": "application/json"}
    answer = await camera.http.post("/v2/devices/assets", content=json.dumps(body), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"].startswith(f"{field}: ")


async def test_other_refusals_of_an_asset(camera, url):
    assert (await camera.create(10, channel=3)).status_code == 404
    unknown = "00000000-0000-0000-0000-000000000000"
    assert (await camera.create(10, auto_version_id=unknown)).status_code == 404
    camera.tokens = {}
    assert (await camera.create(10)).status_code == 401


async def test_an_asset_may_come_as_a_form(camera, url):
    form = {"name": "a.mov", "filetype": "video/quicktime", "filesize": "10", "offset": "5"}
    answer = await camera.http.post("/v2/devices/assets", data=form, headers=camera.headers)
    assert answer.status_code == 200
    assert answer.json()["filesize"] == 10
