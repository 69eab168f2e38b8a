"""What a receiver gets: signed, in order, once over; what each of its answers brings about."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import trio

from rushes import Event, Unavailable
from rushes.testing import open_stand_in
from rushes_sandbox.authority import open_authority
from rushes_webhook.answer import LONGEST_S, REFUSED_S, retry_after
from rushes_webhook.line import MOST_READ
from rushes_webhook.observer import open_webhook, reach
from rushes_webhook.options import WebhookOptions
from webhook_rig import SECRET, receiving, verify

pytestmark = pytest.mark.timeout(30)

DONE = Event(
    kind="step.done", at=1_700_000_000.25, seq=7, clip="c1", job="j1", step="j1.2", component="raid",
    detail={"name": "A001C001.mov", "receipt": {"where": "/raid/A001C001.mov", "size": 10}, "until": None},
)  # fmt: skip
NOW = datetime(2025, 11, 22, 17, 0, tzinfo=UTC)


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
async def context(tmp_path):
    async with open_stand_in(tmp_path) as context:
        yield context


class Stream:
    """The events, then None is asked for: `over` counts those that were."""

    def __init__(self, events):
        self._events = list(events)
        self.over = -1

    def __aiter__(self):
        return self

    async def __anext__(self):
        await trio.lowlevel.checkpoint()
        self.over += 1
        if self.over >= len(self._events):
            raise StopAsyncIteration
        return self._events[self.over]


def options(receiver_or_url, **more):
    url = receiver_or_url if isinstance(receiver_or_url, str) else receiver_or_url.url
    return WebhookOptions(**({"url": url, "secret": SECRET, "timeout": "5s", "events": ["*"]} | more))


@asynccontextmanager
async def opened(receiver, context, **more):
    async with open_webhook(options(receiver, **more), context) as webhook:
        yield webhook


async def post(receiver, context, *events, **more):
    stream = Stream(events)
    async with opened(receiver, context, **more) as webhook:
        await webhook.watch(stream)
    assert stream.over == len(events)


async def refused(receiver, context, **more):
    """The failure of a post."""
    stream = Stream([DONE])
    with pytest.raises(Unavailable) as failure:
        async with opened(receiver, context, **more) as webhook:
            await webhook.watch(stream)
    assert stream.over == 0
    return failure.value


@pytest.mark.parametrize("secret", [SECRET, SECRET.rstrip("="), "a plain text of some length"])
async def test_a_post_passes_the_verification_of_the_readme_and_nothing_else_does(receiver, context, secret):
    await post(receiver, context, DONE, secret=secret)
    [got] = receiver.posts
    verified = verify()
    secret = SECRET if secret.startswith("whsec_") else secret
    assert verified(secret, got.headers, got.body)
    assert not verified(secret, got.headers, got.body + b" ")
    assert not verified("whsec_b3RoZXI=", got.headers, got.body)
    assert not verified(secret, got.headers | {"webhook-id": "msg_other"}, got.body)
    old = {"webhook-timestamp": str(int(time.time()) - 400)}
    assert not verified(secret, got.headers | old, got.body)
    assert abs(time.time() - int(got.headers["webhook-timestamp"])) < 10
    two = f"v1,AAAA {got.headers['webhook-signature']}"
    assert verified(secret, got.headers | {"webhook-signature": two}, got.body)


async def test_a_post_says_what_the_readme_says(receiver, context):
    async def query(sql, parameters):
        return {"jobs": [("dailies",)], "clips": [("CLIPS/A001C001.mov", "A001")]}[
            sql.split(" FROM ")[1].split()[0]
        ]

    context.catalog.query = query
    await post(receiver, context, DONE)
    [got] = receiver.posts
    ledger = await context.store.get("ledger")
    assert got.document == {
        "type": "step.done",
        "timestamp": "2023-11-14T22:13:20.250Z",
        "id": f"msg_{ledger}_7",
        "pipeline": "onset",
        "data": {
            "seq": 7,
            "clip": {"id": "c1", "name": "A001C001.mov", "path": "CLIPS/A001C001.mov", "card": "A001"},
            "job": "j1",
            "route": "dailies",
            "step": "j1.2",
            "component": "raid",
            "receipt": {"where": "/raid/A001C001.mov", "size": 10},
        },
    }
    assert (got.id, got.path, got.headers["content-type"]) == (
        got.document["id"],
        "/rushes",
        "application/json",
    )


async def test_a_file_made_of_a_clip_is_told_apart_and_tracebacks_stay_at_home(receiver, context):
    async def query(sql, parameters):
        return [("CLIPS/A001C001.mov", "A001")] if "clips" in sql else []

    context.catalog.query = query
    proxy = Event(
        kind="step.parked", at=1.0, seq=8, clip="c1", job="j1",
        detail={"name": "A001C001.mp4", "reason": "bug: \udcff", "traceback": "File /home/me/secret.py"},
    )  # fmt: skip
    await post(receiver, context, proxy)
    [document] = receiver.documents()
    assert document["data"]["file"] == "A001C001.mp4"
    assert document["data"]["clip"]["name"] == "A001C001.mov"
    assert "traceback" not in document["data"]
    assert document["data"]["reason"] == "bug: \udcff"


async def test_ids_are_the_same_in_every_life_and_others_with_another_ledger(receiver, context, tmp_path):
    await post(receiver, context, DONE)
    await post(receiver, context, DONE)
    async with open_stand_in(tmp_path / "another") as other:
        await post(receiver, other, DONE)
    first, again, another = receiver.posts
    assert first.id == again.id != another.id
    assert first.body == again.body


async def test_only_the_wanted_kinds_are_posted_over_one_connection_in_order(receiver, context):
    events = [
        Event(kind=kind, at=1.0, seq=seq)
        for seq, kind in enumerate(["step.note", "step.done", "job.top"] * 20)
    ]
    await post(receiver, context, *events, events=["step.d*", "job.*"])
    assert receiver.seqs() == [event.seq for event in events if event.kind != "step.note"]
    assert receiver.connections == 1


async def test_name_password_and_query_of_an_address_are_sent_and_not_told(receiver, context, caplog):
    caplog.set_level(logging.DEBUG)
    url = receiver.url.replace("http://", "http://me:pa%2Fss@") + "?token=t0ken"
    await post(url, context, DONE)
    [got] = receiver.posts
    assert got.path == "/rushes?token=t0ken"
    assert got.headers["authorization"] == "Basic bWU6cGEvc3M="
    assert got.headers["host"] == receiver.url.split("/")[2]
    receiver.answers = [404]
    error = await refused(url, context)
    told = f"{caplog.text} {error} {context.facts} {context.said}"
    for hidden in ("t0ken", "pa%2Fss", "pa/ss", "bWU6", SECRET, SECRET[6:]):
        assert hidden not in told


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "answered 400 Bad Request to step.done; mend the receiver, or take that kind out of 'events'"),
        (401, "check that both sides have the same secret"),
        (403, "check that both sides have the same secret"),
        (404, "correct the url"),
        (405, "takes no POST"),
        (410, "answered 410 Gone to step.done; it wants no more events: take the observer out"),
        (418, "mend the receiver"),
        (499, "answered 499 to step.done; mend the receiver"),
        (304, "redirects are not followed"),
    ],
)
async def test_what_is_refused_names_the_answer_and_the_remedy_and_is_not_dropped(
    receiver, context, status, words
):
    receiver.answers = [status]
    error = await refused(receiver, context)
    assert words in str(error)
    assert str(error).startswith(receiver.url.removesuffix("/rushes"))
    assert error.retry_after == REFUSED_S
    await post(receiver, context, DONE)
    assert receiver.posts[0].id == receiver.posts[1].id


async def test_redirects_are_not_followed(receiver, context):
    with receiving() as other:
        receiver.answers = [(307, {"Location": other.url}, b"")]
        error = await refused(receiver, context)
    assert "redirects are not followed" in str(error)
    assert other.posts == []
    assert other.url not in str(error)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
async def test_a_busy_receiver_is_asked_again_when_it_says(receiver, context, status):
    receiver.answers = [(status, {"Retry-After": "17"}, b"busy"), status]
    assert (await refused(receiver, context)).retry_after == 17
    error = await refused(receiver, context)
    assert error.retry_after is None
    assert f"answered {status}" in str(error)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), (" 17 ", 17), ("99999999999999999999", LONGEST_S), ("-1", None), ("1.5", None), ("", None),
        ("soon", None), ("٣", None), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=9)), LONGEST_S),
        ("Sat, 22 Nov 2025 17:00:30", 30), ("Sat, 99 Nov 2025 17:00:30 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_an_hour_at_most(text, seconds):
    assert retry_after(text, NOW) == seconds


async def test_a_long_answer_is_not_read(receiver, context):
    receiver.answers = [(200, {}, b"x" * (MOST_READ + 1)), (204, {}, b""), (200, {}, b"x" * MOST_READ), 200]
    await post(receiver, context, *[Event(kind="step.done", at=1.0, seq=seq) for seq in range(4)])
    assert receiver.seqs() == [0, 1, 2, 3]
    assert receiver.connections == 2


async def test_an_endless_answer_holds_up_nothing(receiver, context):
    def endless(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.close_connection = True

    receiver.answers = [(endless, {}, b"")]
    began = time.monotonic()
    await post(receiver, context, DONE)
    assert time.monotonic() - began < 2


async def test_a_receiver_that_does_not_answer_in_time(receiver, context):
    def silent(handler):
        handler.close_connection = True
        time.sleep(0.6)

    receiver.answers = [(silent, {}, b"")]
    error = await refused(receiver, context, timeout="300ms")
    assert "did not answer within 0.3 s" in str(error)


async def test_one_that_hangs_up_between_two_posts_is_asked_once_more_at_once(receiver, context):
    def hang_up(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        handler.close_connection = True

    def drop(handler):
        handler.close_connection = True

    receiver.answers = [(hang_up, {}, b""), 200, (drop, {}, b""), 200]
    await post(receiver, context, *[Event(kind="step.done", at=1.0, seq=seq) for seq in range(3)])
    # The third was dropped on the second's connection, and came again.
    assert [post.document["data"]["seq"] for post in receiver.posts] == [0, 1, 2, 2]


async def test_one_that_hangs_up_on_every_post_is_away(receiver, context):
    def drop(handler):
        handler.close_connection = True

    receiver.answers = [(drop, {}, b"")] * 2
    error = await refused(receiver, context)
    assert "hung up, or does not speak HTTP; start the receiver, or correct the url" in str(error)


async def test_nobody_there_is_said_in_a_line_by_a_post_and_by_the_check(context):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        error = await refused(url, context)
        with pytest.raises(Unavailable) as checked:
            await reach(options(url), context)
    assert str(error) == str(checked.value)
    assert str(error).endswith("connection refused; start the receiver, or correct the url")
    assert "\n" not in str(error)


async def test_trust_is_the_systems_and_the_file_alone(context, tmp_path, monkeypatch):
    authority = open_authority(tmp_path / "tls")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with receiving(authority.server_context()) as receiver:
        error = await refused(receiver, context)
        assert "its certificate is not trusted" in str(error)
        assert "name its authority as ca_file" in str(error)
        with pytest.raises(Unavailable, match="is not trusted"):
            await reach(options(receiver), context)
        await post(receiver, context, DONE, ca_file=authority.ca_file)
        await reach(options(receiver, ca_file=authority.ca_file), context)
        assert len(receiver.posts) == 1
        with pytest.raises(Unavailable, match=f"ca_file {tmp_path}: is a directory; name the file"):
            await reach(options(receiver, ca_file=tmp_path), context)


async def test_https_where_http_is_spoken_says_so(receiver, context):
    url = receiver.url.replace("http:", "https:")
    assert "correct the url" in str(await refused(url, context))
    with pytest.raises(Unavailable, match="correct the url"):
        await reach(options(url), context)


async def test_without_a_secret_it_does_not_open(context):
    with pytest.raises(Unavailable, match="no secret to sign with"):
        async with opened("http://127.0.0.1:1/", context, secret=""):
            pass
