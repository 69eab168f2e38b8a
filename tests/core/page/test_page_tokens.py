"""Tokens of programs: what they may, and what they are not."""

from __future__ import annotations

import pytest

from rushes.page.serve import cookie_name


async def token(browser, **options):
    return await browser.page.way.sessions.mint("prometheus", **{"writes": False, **options})


async def test_a_token_reads_and_changes_only_where_it_may(browser, api):
    reads = f"Bearer {await token(browser)}"
    assert (await browser.get("/metrics", Authorization=reads)).status == 200
    assert (await browser.post("/v1/jobs/top", Authorization=reads)).status == 403
    writes = f"bearer {await browser.page.way.sessions.mint('script', writes=True)}"
    program = {"Authorization": writes, "Origin": "", "Sec_Fetch_Site": ""}
    assert (await browser.post("/v1/jobs/top", **program)).status == 200
    assert [path for _, path, _ in api.asked] == ["/metrics", "/v1/jobs/top"]
    assert (await browser.post("/v1/jobs/top", **program, Content_Type="text/plain")).status == 415
    assert (await browser.post("/v1/jobs/top", **{**program, "Origin": "http://evil.example"})).status == 403


async def test_a_token_is_no_cookie_and_a_cookie_no_token(inside, state):
    cookie = inside.secret
    inside.cookie = ""
    assert (await inside.get("/v1/status", Authorization=f"Bearer {cookie}")).status == 401
    inside.cookie = f"{cookie_name(state, secure=False)}={await token(inside, writes=True)}"
    assert (await inside.get("/v1/status")).status == 401


@pytest.mark.parametrize(
    "told",
    ["Bearer", "Bearer ", "Bearer x", "Basic {token}", "{token}", "Bearer {token}, x", "Bearer x {token}"],
)
async def test_a_wrong_token_is_none_and_the_cookie_does_not_help(inside, api, told):
    answer = await inside.get("/v1/status", Authorization=told.format(token=await token(inside)))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert api.asked == []


async def test_a_token_in_the_address_is_none(browser):
    known = await token(browser)
    assert (await browser.get(f"/v1/status?token={known}&access_token={known}")).status == 401


async def test_a_new_token_of_a_name_replaces_the_old(browser):
    old, new = await token(browser), await token(browser)
    assert (await browser.get("/metrics", Authorization=f"Bearer {old}")).status == 401
    assert (await browser.get("/metrics", Authorization=f"Bearer {new}")).status == 200
