"""The table of refusals: every row fits something, and the sandbox's errors end as it says."""

import ssl
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from rushes import Permanent, Transient, Unavailable
from rushes.testing import FakeReport
from rushes_frameio.account.forclip import call_for_clip
from rushes_frameio.refusal.answers import Answer, judge
from rushes_frameio.refusal.failures import Refused, Unreachable
from rushes_frameio.refusal.refusals import ROWS, STRANGER, Action, Where, row_of
from rushes_frameio.sending import part
from rushes_sandbox.authority import open_authority

from .conftest import PART


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Backoff in milliseconds: order and counts are what is tested."""
    monkeypatch.setattr(part.Backoff, "wait", lambda self, failures, rng=None: 0.002 * failures)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.where.name} {row.status} {row.word}")
def test_every_row_fits_something_that_no_row_before_it_does(row):
    statuses = [row.status] if isinstance(row.status, int) else row.status
    words = [row.word] if row.word else ["", "Whatever"]
    wheres = [where for where in Where if row.fits(where, statuses[0], words[0], row.says)]
    assert any(
        row_of(where, status, word, row.says) is row
        for where in wheres
        for status in statuses
        for word in words
    )
    assert row.why


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize("word", ["", STRANGER, "Something New"])
def test_there_is_a_row_for_anything(where, word):
    statuses = [*range(100, 200), *range(300, 1000)] if where is Where.PART else range(300, 1000)
    assert all(row_of(where, status, word) for status in statuses)


#: Section 12.1, written down a second time.
@pytest.mark.parametrize(
    ("where", "status", "name", "action"),
    [
        (Where.POLL, 400, "authorization_pending", Action.ASK_AGAIN),
        (Where.POLL, 400, "slow_down", Action.ASK_SLOWER),
        (Where.POLL, 400, "expired_token", Action.NEW_CODE),
        (Where.POLL, 400, "invalid_grant", Action.NEW_CODE),
        (Where.POLL, 400, "invalid_client", Action.MISCONFIGURED),
        (Where.POLL, 400, "invalid_request", Action.PARK),
        (Where.POLL, 503, "", Action.LATER),
        (Where.AUTH, 400, "invalid_client", Action.MISCONFIGURED),
        (Where.REFRESH, 400, "invalid_client", Action.MISCONFIGURED),
        (Where.REFRESH, 400, "invalid_request", Action.PAIR_AGAIN),
        (Where.REFRESH, 400, "Bad Request", Action.PARK),
        (Where.REFRESH, 401, "Not Authorized", Action.PAIR_AGAIN),
        (Where.REFRESH, 500, "", Action.LATER),
        (Where.ASSET, 400, "Bad Request", Action.ONCE_MORE),
        (Where.ASSET, 401, "Not Authorized", Action.RENEW),
        (Where.SOCKET, 403, "", Action.RENEW),
        (Where.ASSET, 402, "Payment Required", Action.HOLD),
        (Where.ASSET, 403, "Forbidden", Action.HOLD),
        (Where.ASSET, 404, "Not Found", Action.FEW),
        (Where.ASSET, 404, STRANGER, Action.NETWORK),
        (Where.ASSET, 408, "", Action.LATER),
        (Where.ASSET, 409, "Channel Paused", Action.PAUSED),
        (Where.CONNECT, 409, "Already Exists", Action.DONE),
        (Where.CONNECT, 404, "Not Found", Action.FEW),
        (Where.DISCONNECT, 404, "Not Found", Action.DONE),
        (Where.ASSET, 409, "Conflict", Action.FEW),
        (Where.ASSET, 422, "Invalid", Action.PARK),
        (Where.ASSET, 429, "", Action.LATER),
        (Where.CALL, 429, STRANGER, Action.LATER),
        (Where.ASSET, 500, "", Action.LATER),
        (Where.ASSET, 502, STRANGER, Action.LATER),
        (Where.ASSET, 503, STRANGER, Action.LATER),
        (Where.ASSET, 504, STRANGER, Action.LATER),
        (Where.ASSET, 302, STRANGER, Action.NETWORK),
        (Where.ASSET, 418, "Teapot", Action.PARK),
    ],
)
def test_the_services_refusals(where, status, name, action):
    assert Refused(status, name).row(where).action is action


def s3(code, message=""):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


#: Section 12.2, written down a second time.
@pytest.mark.parametrize(
    ("status", "body", "action"),
    [
        (200, b"", Action.DONE),
        (204, b"", Action.DONE),
        (200, b"<html>login", Action.NETWORK),
        (500, s3("InternalError"), Action.LATER),
        (503, s3("SlowDown"), Action.LATER),
        (503, s3("ServiceUnavailable"), Action.LATER),
        (501, s3("NotImplemented"), Action.LATER),
        (502, b"<html>", Action.LATER),
        (400, s3("RequestTimeout"), Action.LATER),
        (409, s3("OperationAborted"), Action.LATER),
        (409, s3("ConditionalRequestConflict"), Action.LATER),
        (408, b"", Action.LATER),
        (429, b"", Action.LATER),
        (429, s3("SlowDown"), Action.LATER),
        (400, s3("BadDigest"), Action.GARBLED),
        (400, s3("IncompleteBody"), Action.GARBLED),
        (403, s3("AccessDenied", "Request has expired"), Action.EXPIRED),
        (400, s3("ExpiredToken"), Action.EXPIRED),
        (404, s3("NoSuchUpload"), Action.EXPIRED),
        (404, s3("NoSuchBucket"), Action.EXPIRED),
        (403, s3("AccessDenied", "no"), Action.PARK),
        (403, s3("SignatureDoesNotMatch"), Action.PARK),
        (403, s3("RequestTimeTooSkewed"), Action.CLOCK),
        (400, s3("EntityTooLarge"), Action.PARK),
        (400, s3("EntityTooSmall"), Action.PARK),
        (400, s3("InvalidArgument"), Action.PARK),
        (404, s3("NoSuchKey"), Action.PARK),
        (307, s3("TemporaryRedirect"), Action.PARK),
        (301, s3("PermanentRedirect"), Action.PARK),
        (403, b"<html>login", Action.NETWORK),
        (302, b"<html>login", Action.NETWORK),
        (404, b"", Action.NETWORK),
    ],
)
def test_the_upload_hosts_answers(status, body, action):
    assert judge(Answer(status=status, headers={}, body=body)) is action


@pytest.mark.parametrize(("location", "action"), [("https://h/", Action.FOLLOW), ("http://h/", Action.PARK)])
def test_a_redirect_is_followed_over_tls_alone(location, action):
    assert judge(Answer(status=307, headers={"location": location}, body=s3("TemporaryRedirect"))) is action


A, B = "a" * 32, "b" * 32


@pytest.mark.parametrize(
    ("headers", "md5", "action"),
    [
        ({"etag": f'"{A}"'}, A, Action.DONE),
        ({"etag": f'"{B}"'}, A, Action.GARBLED),
        ({"etag": f'"{B}"'}, "", Action.DONE),
        ({"etag": f'"{B}-3"'}, A, Action.DONE),
        ({"etag": f'"{B}"', "x-amz-server-side-encryption": "aws:kms"}, A, Action.DONE),
        ({}, A, Action.DONE),
    ],
)
def test_an_etag_is_compared_when_it_is_an_md5(headers, md5, action):
    assert judge(Answer(status=200, headers=headers, body=b"", md5=md5)) is action


@pytest.mark.parametrize(
    ("kind", "action"), [("text/html; charset=utf-8", Action.NETWORK), ("application/xml", Action.DONE)]
)
def test_a_page_with_an_etag_is_still_a_page(kind, action):
    headers = {"etag": '"5f3-64"', "content-type": kind}
    assert judge(Answer(status=200, headers=headers, body=b"<html>accept our terms")) is action


CREATE = "POST /v2/devices/assets"


def answers(stage, method, status):
    """How often the sandbox answered so."""
    return len([each for each in stage.sandbox.log() if (each["method"], each["status"]) == (method, status)])


REFUSED_CREATES = [
    (400, None, 2, Permanent, None, "answered 400"),
    (402, None, 1, Unavailable, None, "plan is at its limit"),
    (403, None, 1, Unavailable, None, "pair the device again"),
    (404, None, 1, Transient, "clip", "404"),
    (408, None, 1, Transient, "world", "408"),
    (409, "Channel Paused", 1, Permanent, None, "made while the project was paused"),
    (409, "Conflict", 1, Transient, "clip", "409 Conflict"),
    (422, None, 1, Permanent, None, "422"),
    (429, None, 1, Transient, "world", "429"),
    (500, None, 1, Transient, "world", "500"),
    (503, None, 1, Transient, "world", "503"),
]


async def test_a_refused_create_ends_as_its_row_says(set_stage):
    async with set_stage(rates={}) as stage, stage.open() as sink:
        for number, (status, title, asked, kind, blame, text) in enumerate(REFUSED_CREATES):
            before = answers(stage, "POST", status)
            fault = {"match": CREATE, "status": status, "retry_after": 1, "times": asked}
            stage.sandbox.faults([{**fault, **({"title": title} if title else {})}])
            clip, report = stage.clip(f"{number}.mov", size=1000), FakeReport()
            with pytest.raises(kind, match=text) as failure:
                await sink.deliver(clip, None, report)
            assert answers(stage, "POST", status) - before == asked
            assert getattr(failure.value, "blame", None) == blame
            wait = {402: 60, 403: 60, 408: 1, 429: 1, 500: 1, 503: 1}.get(status)
            assert getattr(failure.value, "retry_after", None) == wait
            assert report.in_doubt == (1 if status >= 500 else 0)
            await sink.deliver(clip, report.resume, report)
        assert len(await stage.assets("complete")) == len(await stage.assets()) == len(REFUSED_CREATES)


async def test_a_400_that_does_not_come_again_costs_nothing(stage, report):
    stage.sandbox.faults([{"match": CREATE, "status": 400}])
    async with stage.open() as sink:
        receipt = await sink.deliver(stage.clip(), None, report)
    assert receipt.placeholders == 0


@pytest.mark.parametrize("status", [200, 302, 403, 404])
async def test_a_filter_that_dislikes_one_call_counts_against_its_clip(stage, report, status):
    told = {} if status == 200 else {"status": status}
    stage.sandbox.faults([{"match": CREATE, "html": True, **told}])
    async with stage.open() as sink:
        with pytest.raises(
            Transient, match=rf"{status} <stranger>: an answer of something on the way"
        ) as failure:
            await sink.deliver(stage.clip(), None, report)
    assert failure.value.blame == "clip"
    assert report.in_doubt == 0


@pytest.mark.parametrize("status", [302, 403, 404, 511])
async def test_a_login_page_for_every_call_is_the_network(stage, report, status):
    async with stage.open() as sink:
        stage.sandbox.faults(
            [{"match": match, "status": status, "html": True, "times": 1000} for match in ("POST /", "GET /")]
        )
        with pytest.raises((Unavailable, Transient), match=str(status)) as failure:
            await sink.deliver(stage.clip(), None, report)
        assert getattr(failure.value, "blame", "world") == "world"
        stage.sandbox.clear_faults()


LATER = [
    "InternalError",
    "SlowDown",
    "ServiceUnavailable",
    "RequestTimeout",
    "OperationAborted",
    "ConditionalRequestConflict",
]
GARBLED = ["BadDigest", "IncompleteBody"]


async def test_passing_refusals_of_parts_are_tried_again(set_stage):
    async with set_stage(rates={}) as stage, stage.open() as sink:
        for code in LATER + GARBLED:
            seen = len(stage.sandbox.log())
            stage.sandbox.faults([{"match": "PUT /parts", "code": code, "times": 3}])
            receipt = await sink.deliver(stage.clip(f"{code}.mov", size=5 * PART), None, FakeReport())
            assert receipt.placeholders == 0
            puts = [each["status"] for each in stage.sandbox.log()[seen:] if each["method"] == "PUT"]
            assert (len(puts), puts.count(200)) == (8, 5), code


async def test_what_is_busy_for_ever_gives_the_slot_back(set_stage):
    async with set_stage(rates={}) as stage, stage.open() as sink:
        for code in LATER:
            stage.sandbox.faults([{"match": "PUT ", "code": code, "times": 1000, "retry_after": 0}])
            with pytest.raises(Transient, match=f"the upload host keeps answering ... {code}") as failure:
                await sink.deliver(stage.clip(f"{code}.mov", size=1000), None, FakeReport())
            assert failure.value.blame == "world"
            stage.sandbox.clear_faults()


async def test_a_part_that_never_arrives_unchanged_parks(stage):
    async with stage.open() as sink:
        for code in GARBLED:
            stage.sandbox.faults([{"match": "PUT ", "code": code, "times": 1000}])
            with pytest.raises(Permanent, match=f"never arrived unchanged: 400 {code}"):
                await sink.deliver(stage.clip(f"{code}.mov", size=1000), None, FakeReport())
            stage.sandbox.clear_faults()
    assert answers(stage, "PUT", 400) == 2 * part.GARBLED


async def test_a_part_that_is_refused_for_good_parks_with_the_evidence(set_stage):
    async with set_stage(rates={}) as stage, stage.open() as sink:
        for code in [
            "SignatureDoesNotMatch",
            "EntityTooLarge",
            "EntityTooSmall",
            "InvalidArgument",
            "NoSuchKey",
        ]:
            stage.sandbox.faults([{"match": "PUT ", "code": code}])
            evidence = rf"part 1 \(1000 bytes, video/quicktime\) .* 40[034] {code}; \w+"
            with pytest.raises(Permanent, match=evidence) as failure:
                await sink.deliver(stage.clip(size=1000), None, report := FakeReport())
            [url] = report.head["urls"]
            assert url.split("?")[1] not in str(failure.value)
            assert "\n" not in str(failure.value)


async def test_a_place_that_is_gone_means_another_asset(stage):
    async with stage.open() as sink:
        for code in ["AccessDenied", "NoSuchUpload", "NoSuchBucket"]:
            stage.sandbox.faults([{"match": "PUT ", "code": code}])
            receipt = await sink.deliver(stage.clip(f"{code}.mov", size=1000), None, FakeReport())
            assert receipt.placeholders == 1
    assert [asset["state"] for asset in await stage.assets()] == ["created", "complete"] * 3


async def test_a_wrong_clock_holds_the_sink_and_says_so(stage, report):
    stage.sandbox.faults([{"match": "PUT ", "code": "RequestTimeTooSkewed"}])
    async with stage.open() as sink:
        with pytest.raises(Unavailable, match=r"this machine's clock is wrong.*; set it"):
            await sink.deliver(stage.clip(size=1000), None, report)


async def test_a_strange_answer_to_one_part_while_others_get_through_counts_against_the_clip(stage, report):
    stage.sandbox.faults([{"match": "PUT /parts", "html": True, "status": 403, "times": 1000}])
    async with stage.open() as sink:
        judged = sink.flow.arrived

        class Elsewhere(FakeReport):
            async def begin(self, head, /):
                await super().begin(head)

            async def proceed(self):
                await super().proceed()
                sink.flow.arrived = judged + self.proceeded  # another clip's part gets through

        with pytest.raises(Transient, match="something on the way answers 403") as failure:
            await sink.deliver(stage.clip(), None, Elsewhere())
    assert failure.value.blame == "clip"


@asynccontextmanager
async def another_place(tmp_path, seen):
    """A host with the sandbox's authority that takes one body a connection; yields its port."""
    context = open_authority(tmp_path / "sandbox" / "tls").server_context()

    async def take(stream):
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                data += await stream.receive_some(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            [length] = [
                int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
            ]
            while len(body) < length:
                body += await stream.receive_some(65536)
            seen.append((head, body))
            await stream.send_all(
                b'HTTP/1.1 200 OK\r\nETag: "x-1"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
            )
        except (trio.BrokenResourceError, ssl.SSLError):
            pass
        finally:
            await trio.aclose_forcefully(stream)

    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        secure = trio.SSLListener(listener, context, https_compatible=True)
        nursery.start_soon(trio.serve_listeners, take, [secure])
        yield listener.socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def test_a_redirect_is_followed_with_the_body(stage, report, tmp_path):
    seen = []
    clip = stage.clip(size=PART // 2)
    async with another_place(tmp_path, seen) as port, stage.open() as sink:
        place = f"https://127.0.0.1:{port}/elsewhere?x=1"
        stage.sandbox.faults([{"match": "PUT ", "code": "TemporaryRedirect", "location": place}])
        await sink.deliver(clip, None, report)
    [(head, body)] = seen
    assert head.startswith(b"PUT /elsewhere?x=1 ")
    assert body == stage.content(clip)
    assert report.parts == {1: "x-1"}


async def test_a_redirect_to_plain_http_or_round_and_round_parks(stage, report):
    async with stage.open() as sink:
        for location, times in (
            ("http://127.0.0.1:9/", 1),
            (f"{stage.options.api_url}/uploads/nothing", 100),
        ):
            fault = {"match": "PUT ", "code": "TemporaryRedirect", "location": location, "times": times}
            stage.sandbox.faults([fault])
            with pytest.raises(Permanent, match="refused: 307 TemporaryRedirect"):
                await sink.deliver(stage.clip(size=1000), None, FakeReport())
    assert answers(stage, "PUT", 307) == 1 + 1 + part.REDIRECTS


class Call:
    """A connection, and one `request` over it that ends as listed."""

    def __init__(self, *outcomes, healthy=True):
        self.outcomes, self.healthy, self.wishes, self.api = list(outcomes), healthy, 0, self

    async def call(self, request):
        return await request("token")

    async def request(self, _access):
        await trio.lowlevel.checkpoint()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def health(self):
        await trio.lowlevel.checkpoint()
        if not self.healthy:
            raise Unreachable("down", lost=False)

    def wish(self):
        self.wishes += 1


async def asked(connection):
    return await call_for_clip(connection, connection.request)


@pytest.mark.parametrize(
    ("refused", "wishes"),
    [
        (Refused(409, "Channel Paused"), 1),
        (Refused(402, "Payment Required"), 1),
        (Refused(403, "Forbidden"), 1),
        (Refused(409, "Conflict"), 0),
        (Refused(422, "Invalid"), 0),
        (Refused(500, ""), 0),
    ],
)
async def test_the_identity_is_wanted_after_what_may_come_of_a_pause_or_a_lost_right(refused, wishes):
    connection = Call(refused)
    with pytest.raises(Refused):
        await asked(connection)
    assert connection.wishes == wishes


async def test_a_bad_body_is_tried_once_more():
    assert await asked(Call(Refused(400, "Bad"), "asset")) == "asset"
    with pytest.raises(Refused, match="worse"):
        await asked(Call(Refused(400, "Bad"), Refused(400, "worse"), "asset"))


async def test_a_stranger_is_the_network_while_the_service_does_not_answer():
    stranger = Unreachable("stranger", lost=False, status=403)
    with pytest.raises(Unreachable, match="stranger"):
        await asked(Call(stranger, healthy=False))
    with pytest.raises(Refused, match="403"):
        await asked(Call(stranger))
    with pytest.raises(Unreachable, match="reset"):
        await asked(Call(Unreachable("reset", lost=True)))


def test_a_request_id_is_evidence():
    answer = Answer(
        status=403, headers={"x-amz-request-id": "7F3"}, body=s3("SignatureDoesNotMatch", "no\n way")
    )
    assert answer.evidence == "403 SignatureDoesNotMatch; no way; request 7F3"
    assert replace(answer, headers={}, body=b"").evidence == "403"


async def test_a_part_that_is_cut_while_other_clips_get_through_holds_up_none_of_them(
    stage, report, monkeypatch
):
    stage.sandbox.faults([{"match": "PUT ", "reset": True, "times": 1000}])
    async with stage.open() as sink:

        async def others_get_through(_seconds):
            sink.flow.arrived += 1
            await trio.lowlevel.checkpoint()

        monkeypatch.setattr(sink.connection, "rest", others_get_through)
        with pytest.raises(Transient, match=r"part 1: Frame\.io's upload host cannot be reached") as failure:
            await sink.deliver(stage.clip(size=1000), None, report)
        stage.sandbox.clear_faults()
    assert failure.value.blame == "world"


@pytest.mark.parametrize("told", [{}, {"status": 403}])
async def test_a_strange_answer_to_a_refresh_counts_against_no_clip(set_stage, report, told):
    async with set_stage() as stage, stage.open() as sink:
        stage.wall.ahead += 1e6  # the service calls the token dead
        stage.sandbox.faults([{"match": "POST /v2/auth/token", "html": True, "times": 10, **told}])
        with pytest.raises(Unavailable, match="something on the way answered"):
            await sink.deliver(stage.clip(), None, report)
        stage.sandbox.clear_faults()
