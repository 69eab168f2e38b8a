"""Who may pass the door, and what a stranger, another site or another name can do at it."""

from __future__ import annotations

from itertools import product

import pytest

OUTSIDE = ["/", "/index.html", "/app.js", "/health"]
INSIDE = ["/v1/status", "/v1/openapi.json", "/metrics", "/v1/clips/x/media", "/nothing", "/v1/links", "/docs"]


@pytest.mark.parametrize("path", OUTSIDE)
async def test_what_everybody_may_see(browser, path):
    assert (await browser.get(path)).status == 200


@pytest.mark.parametrize("path", INSIDE)
async def test_the_rest_is_for_who_is_signed_in(browser, api, path):
    for answer in (await browser.get(path), await browser.post(path)):
        assert answer.status == 401
        told = {"error": "not signed in; run: pipeline open FILE", "type": "NotAuthorised"}
        assert answer.document == told
    assert (await browser.ask("HEAD", path)).status == 401
    assert api.asked == []


async def test_a_stranger_hears_only_whether_it_is_well(browser, inside):
    known = browser.cookie
    browser.cookie = ""
    assert (await browser.get("/health")).document == {"status": "ok"}
    assert (await browser.get("/health", Authorization="Bearer wrong")).document == {"status": "ok"}
    browser.cookie = known
    assert (await browser.get("/health")).document == {"status": "ok", "backlog": 17}


async def test_who_is_signed_in_reaches_the_api(inside, api):
    assert (await inside.get("/v1/status")).document == {"path": "/v1/status"}
    assert (await inside.post("/v1/jobs/top", {"ids": ["a"]})).status == 200
    assert api.asked == [("GET", "/v1/status", b""), ("POST", "/v1/jobs/top", b'{"ids": ["a"]}')]


FOREIGN = [
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example#127.0.0.1", "127.0.0.2",
    "0.0.0.0", "[::1]", "user@127.0.0.1", "127.0.0.1 evil", "127.1", "2130706433", "localhost,evil.example", "", "[",
    "127.0.0.1:", "127.0.0.1:80:80", "xn--localhost", "[::ffff:10.0.0.1]",
]  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_name_that_is_not_the_pages_is_refused(inside, api, name):
    """DNS rebinding: the browser would take the page for part of a stranger's site."""
    for path in ("/", "/health", "/v1/status"):
        head = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\nCookie: {inside.cookie}\r\n\r\n"
        answer = await inside.send(head.encode())
        assert answer.status in {400, 403}
        assert b"Rushes" not in answer.body
    assert api.asked == []


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "LOCALHOST:9000", "localhost.", "127.0.0.1:1", "[::ffff:127.0.0.1]"]
)
async def test_the_pages_own_names_at_any_port(browser, name):
    """A port that ssh forwards has another number."""
    assert (await browser.get("/", Host=name)).status == 200


async def test_no_name_and_two_names_are_refused(inside, api):
    nameless = await inside.send(f"GET /v1/status HTTP/1.0\r\nCookie: {inside.cookie}\r\n\r\n".encode())
    both = f"Connection: close\r\nHost: {inside.host}\r\nHost: evil.example\r\n"
    two = await inside.send(f"GET /v1/status HTTP/1.1\r\n{both}Cookie: {inside.cookie}\r\n\r\n".encode())
    assert nameless.status == 403
    assert two.status in {400, 403}
    assert api.asked == []


ELSEWHERE = [
    "http://evil.example",
    "null",
    "https://{host}",
    "http://localhost:{port}",
    "http://127.0.0.1:1",
    "http://{host}.evil",
]


@pytest.mark.parametrize("origin", ELSEWHERE)
async def test_another_origin_changes_nothing(inside, api, origin):
    told = origin.format(host=inside.host, port=inside.port)
    code = inside.page.way.links.make().secret
    sites = ("", "cross-site", "same-site", "same-origin")
    for path, site in product(("/v1/jobs/top", "/enter", "/leave"), sites):
        answer = await inside.post(path, {"code": code}, Origin=told, Sec_Fetch_Site=site)
        assert answer.status == 403
        assert "set-cookie" not in answer.headers
    assert api.asked == []
    assert inside.page.way.links.take(code)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_site_changes_nothing_without_an_origin(inside, api, site):
    assert (await inside.post("/v1/jobs/top", Origin="", Sec_Fetch_Site=site)).status == 403
    assert api.asked == []


async def test_who_says_nothing_of_where_it_asks_from_changes_nothing_by_cookie(inside, api):
    assert (await inside.post("/v1/jobs/top", Origin="", Sec_Fetch_Site="")).status == 403
    assert (await inside.post("/enter", {"code": "x"}, Origin="", Sec_Fetch_Site="")).status == 403
    assert api.asked == []


FORMS = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; application/json",
    "application/jsonp",
    "",
]


@pytest.mark.parametrize("kind", FORMS)
async def test_a_form_changes_nothing(inside, api, kind):
    for path in ("/v1/jobs/top", "/enter", "/leave"):
        answer = await inside.post(path, {"code": inside.page.way.links.make().secret}, Content_Type=kind)
        assert answer.status == 415
    assert api.asked == []
    assert (await inside.get("/v1/status")).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_embeds_nothing(inside, api, site):
    for path, mode in [
        ("/v1/clips/x/picture", "no-cors"),
        ("/v1/status", "navigate"),
        ("/app.js", "no-cors"),
    ]:
        answer = await inside.get(path, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode)
        assert answer.status == 403
    assert api.asked == []


async def test_a_link_elsewhere_may_lead_to_the_page(browser):
    assert (await browser.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PRI"])
async def test_no_other_method(inside, api, method):
    answer = await inside.ask(
        method, "/v1/status", headers={"Origin": "http://evil.example"} if method == "OPTIONS" else {}
    )
    assert answer.status in {400, 403, 405}
    assert api.asked == []
    assert not any(name.startswith("access-control") for name in answer.headers)


async def test_nothing_is_upgraded(inside, api):
    websocket = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    assert (await inside.ask("GET", "/v1/status", headers=websocket)).status == 200
    assert api.asked.pop() == ("GET", "/v1/status", b"")
    clear = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings, close", "HTTP2-Settings": ""}
    inside.cookie = ""
    assert (await inside.ask("GET", "/v1/status", headers=clear)).status == 401
    known = await inside.send(b"PRI * HTTP/2.0\r\nConnection: close\r\n\r\nSM\r\n\r\n")
    assert not known.raw.startswith(b"\x00")
    assert known.status in {0, 400, 403, 405}  # 0: cut off
    assert api.asked == []


async def test_every_answer_protects_itself(inside):
    answers = [
        await inside.get("/"),
        await inside.get("/app.js"),
        await inside.get("/v1/status"),
        await inside.get("/", Host="evil.example"),
        await inside.post("/leave", Content_Type="text/plain"),
        await inside.sign_in("wrong"),
    ]
    for answer in answers:
        told = answer.headers
        assert told["x-content-type-options"] == "nosniff"
        assert told["referrer-policy"] == "no-referrer"
        assert told["x-frame-options"] == "DENY"
        assert told["cross-origin-opener-policy"] == told["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in told["content-security-policy"]
        assert "default-src 'none'" in told["content-security-policy"]
        assert "server" not in told
        assert not any(name.startswith("access-control") for name in told)
    page, script, api_answer = answers[:3]
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "sandbox" in api_answer.headers["content-security-policy"]
    assert page.headers["cache-control"] == api_answer.headers["cache-control"] == "no-store"
    assert script.headers["cache-control"] == "no-cache"


SMUGGLED = [
    "/%0d%0aSet-Cookie:%20a=b", "/v1/x%0d%0aX-Evil:1", "/?%0d%0aSet-Cookie:%20a=b", "//evil.example/%2f..", "/%00",
    "/v1/%ff%fe",
]  # fmt: skip


@pytest.mark.parametrize("path", SMUGGLED)
async def test_nothing_of_a_request_becomes_a_header(inside, path):
    answer = await inside.get(path)
    assert "set-cookie" not in answer.headers
    assert "x-evil" not in answer.headers
    assert "location" not in answer.headers
    assert b"evil" not in answer.raw.partition(b"\r\n\r\n")[0]


async def test_a_get_with_a_body_is_refused(inside, api):
    assert (await inside.ask("GET", "/v1/status", b"x")).status == 400
    chunked = inside.head("GET", "/v1/status", {"Transfer-Encoding": "chunked"}) + b"1\r\nx\r\n0\r\n\r\n"
    assert (await inside.send(chunked)).status == 400
    assert api.asked == []
