"""Signing in, staying so, and being thrown out."""

from __future__ import annotations

import logging
import re

import pytest
import trio

from page_rig import open_page
from rushes.page import sessions
from rushes.page.links import ALPHABET, MOST_TRIES, MOST_WRONG
from rushes.page.serve import cookie_name


def links(browser):
    return browser.page.way.links


async def test_a_link_signs_in_and_sets_a_cookie_that_only_this_page_gets(browser, state):
    answer = await browser.sign_in()
    assert (answer.status, answer.document) == (200, {"entered": True})
    first, *attributes = answer.headers["set-cookie"].split("; ")
    name, _, secret = first.partition("=")
    assert name == cookie_name(state, secure=False)
    assert re.fullmatch(r"rushes_[A-Za-z0-9_-]{43}", secret)
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=34560000"}
    assert answer.headers["cache-control"] == "no-store"
    assert (await browser.get("/v1/status")).status == 200


async def test_a_code_is_good_once(browser):
    code = links(browser).make()
    assert (await browser.sign_in(code.secret)).status == 200
    browser.cookie = ""
    for again in (code.secret, code.typed):
        answer = await browser.sign_in(again)
        assert answer.status == 401
        assert "set-cookie" not in answer.headers


async def test_a_code_may_be_typed_as_people_type(browser):
    code = links(browser).make()
    assert set(code.typed.replace("-", "")) <= set(ALPHABET)
    assert (await browser.sign_in(f" {code.typed.lower().replace('-', ' ')} ")).status == 200
    assert (await browser.sign_in(code.secret)).status == 401


async def test_wrong_codes_void_what_is_typed_but_not_the_link(browser):
    code = links(browser).make()
    for guess in range(MOST_WRONG):
        assert (await browser.sign_in(f"{guess}AAA-AAAA")).status == 401
    assert (await browser.sign_in(code.typed)).status == 401
    assert (await browser.sign_in(code.secret)).status == 200


async def test_the_fifth_try_may_be_right(browser):
    code = links(browser).make()
    for guess in range(MOST_WRONG - 1):
        assert (await browser.sign_in(f"{guess}AAA-AAAA")).status == 401
    assert (await browser.sign_in(code.typed)).status == 200


async def test_who_guesses_on_has_to_wait(browser):
    for guess in range(MOST_TRIES):
        assert (await browser.sign_in(f"{guess}")).status == 401
    typed = links(browser).make().typed
    for _ in range(2 * MOST_WRONG):  # nor is anything counted
        answer = await browser.sign_in(typed)
        assert answer.status == 429
        assert 0 < int(answer.headers["retry-after"]) <= 61
    assert (await browser.sign_in(links(browser).make().secret)).status == 200
    browser.page.way.tries._peers.clear()
    assert (await browser.sign_in(typed)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"code": 7}',
        b'{"code": null}',
        b"\xff",
        b"[" * 3000,
        b'{"code": "\\ud800"}',
    ],
)
async def test_what_is_no_code_is_refused(browser, body):
    told = {"Content-Type": "application/json", "Origin": browser.origin}
    answer = await browser.ask("POST", "/enter", body, headers=told)
    assert answer.status in {401, 422}
    assert "set-cookie" not in answer.headers


async def test_a_link_is_not_used_up_by_looking_at_it(browser):
    """What a mail program or a browser fetches ahead is the page; the code is behind the #."""
    code = links(browser).make()
    for _ in range(3):
        assert (await browser.get("/")).status == 200
    assert (await browser.get(f"/?code={code.secret}")).status == 200
    assert (await browser.get(f"/enter/{code.secret}")).status == 401
    assert (await browser.sign_in(code.secret)).status == 200


async def test_a_restart_signs_nobody_out(state, api):
    async with open_page(state, api) as browser:
        await browser.sign_in()
        cookie, code = browser.cookie, links(browser).make()
    async with open_page(state, api) as browser:
        browser.cookie = cookie
        assert (await browser.get("/v1/status")).status == 200
        assert (await browser.sign_in(code.secret)).status == 401


async def test_another_pipelines_cookie_is_none_of_ours(inside, tmp_path, api):
    async with open_page(tmp_path / "other", api) as other:
        other.cookie = inside.cookie
        assert (await other.get("/v1/status")).status == 401
        own = cookie_name(tmp_path / "other", secure=False)
        other.cookie = f"{own}={inside.secret}"
        assert (await other.get("/v1/status")).status == 401


async def test_a_cookie_that_others_set_shuts_nobody_out(inside):
    """Another program at a port of this machine may set one of the same name."""
    name = inside.cookie.partition("=")[0]
    inside.cookie = f"a=b; {name}=planted; {name}={inside.secret}; c"
    assert (await inside.get("/v1/status")).status == 200


WRONG = [
    "{name}=",
    "{name}",
    "{name}=x",
    "other={secret}",
    "{name}={secret}x",
    "{name}=\xe9",
    "; ;=;",
    "{name}={upper}",
]


@pytest.mark.parametrize("cookie", WRONG)
async def test_a_wrong_cookie_is_none(inside, api, cookie):
    name, _, secret = inside.cookie.partition("=")
    inside.cookie = cookie.format(name=name, secret=secret, upper=secret.upper())
    assert (await inside.get("/v1/status")).status == 401
    assert api.asked == []


async def test_leaving_ends_this_session_alone(inside):
    mine = inside.cookie
    await inside.sign_in()
    other, inside.cookie = inside.cookie, mine
    answer = await inside.post("/leave")
    assert answer.document == {"left": True}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await inside.get("/v1/status")).status == 401
    inside.cookie = other
    assert (await inside.get("/v1/status")).status == 200


async def test_forgetting_ends_every_session_and_what_it_is_being_answered(inside, api):
    async with await inside.connect() as stream:
        await stream.send_all(inside.head("GET", "/v1/events", {}))
        with trio.fail_after(5):
            await api.streaming.wait()
            assert await inside.page.way.sessions.forget() == 1
            await api.stream_ended.wait()
            while await stream.receive_some():
                pass
    assert (await inside.get("/v1/status")).status == 401


async def test_what_a_forgotten_session_was_still_saying_is_not_done(inside, api):
    told = {"Content-Type": "application/json", "Origin": inside.origin, "Content-Length": "2"}
    head = inside.head("POST", "/v1/jobs/cancel", {**told, "Expect": "100-continue"})
    async with await inside.connect() as stream:
        await stream.send_all(head)
        assert b" 100 " in await stream.receive_some()  # its head has passed the door
        await inside.page.way.sessions.forget()
        await stream.send_all(b"{}")
        with trio.fail_after(10):
            assert b" 401 " in b"".join([piece async for piece in stream])
    assert api.asked == []


async def test_forgetting_is_kept(state, api):
    async with open_page(state, api) as browser:
        await browser.sign_in()
        cookie = browser.cookie
        await browser.page.way.sessions.forget()
    async with open_page(state, api) as browser:
        browser.cookie = cookie
        assert (await browser.get("/v1/status")).status == 401


async def test_a_full_disk_is_told_in_a_line_and_signs_nobody_out(inside, monkeypatch, api):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sessions, "write_private", full)
    monkeypatch.setattr(sessions, "NOTED_S", -1.0)
    answer = await inside.sign_in()
    assert answer.status == 503
    assert "No space left" in answer.document["error"]
    assert (await inside.get("/v1/status")).status == 200


async def test_no_secret_is_logged_or_stored(browser, state, caplog):
    caplog.set_level(logging.DEBUG)
    code = links(browser).make()
    token = await browser.page.way.sessions.mint("script", writes=True)
    secrets = [code.secret, code.typed, code.typed.replace("-", ""), "GUESS-ED99", token]
    await browser.sign_in("GUESS-ED99")
    await browser.sign_in(code.secret)
    secrets.append(browser.secret)
    await browser.get(f"/v1/status?token={secrets[-1]}", Authorization=f"Bearer {token}")
    await browser.get("/v1/status")
    await browser.post("/leave", {"code": secrets[-1]}, Origin="http://evil.example")
    told = caplog.text + "".join(map(repr, [browser.page, *links(browser)._open]))
    kept = "".join(path.read_text() for path in (state / "page").iterdir())
    assert "signed in from 127.0.0.1" in caplog.text
    assert "a wrong code from 127.0.0.1" in caplog.text
    for secret in secrets:
        assert secret not in told
        assert secret not in kept
