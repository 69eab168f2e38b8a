"""The pure parts: options, capture age, parts, verdicts, refusals; and the import that costs nothing."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import rushes_frameio
from rushes import Clip, ConfigError
from rushes_frameio.answers import Answer, Verdict, judge
from rushes_frameio.api import trusted
from rushes_frameio.asset import Asset, creation, filetype
from rushes_frameio.failures import Refused, Unreachable, read_refusal, seconds
from rushes_frameio.options import FrameioOptions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    ["http://api.frame.io", "api.frame.io", "https://", "https://u:p@host", "https://h/?a=b", "ftp://h"],
)
def test_anything_but_https_is_refused(url):
    with pytest.raises(ValidationError, match="plain HTTP is never used"):
        FrameioOptions(api_url=url)


def test_a_ca_file_that_is_none_is_a_config_error(tmp_path):
    (tmp_path / "ca.pem").write_text("hello")
    for name in ("ca.pem", "absent.pem"):
        with pytest.raises(ConfigError, match=name):
            trusted(tmp_path / name)


def test_loading_the_plugin_imports_neither_httpx_nor_the_sink():
    code = (
        "import sys, rushes_frameio; [s] = rushes_frameio.rushes_sinks();"
        "print([m for m in ('httpx', 'rushes_frameio.sink') if m in sys.modules], s.name, sorted(s.actions))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[] frameio ['pair', 'whoami']\n"


def test_the_spec_opens_late():
    [spec] = rushes_frameio.rushes_sinks()
    assert spec.slots == 2
    assert spec.config is FrameioOptions


def clip(**fields):
    values = {"volume": "v", "path": "A/C1.mov", "size": 10, "mtime_ns": int(NOW.timestamp() * 1e9), **fields}
    return Clip(**values)


@pytest.mark.parametrize(
    ("created", "age"),
    [
        (NOW - timedelta(seconds=60), 70),
        ((NOW - timedelta(seconds=60)).replace(tzinfo=None), 70),
        (NOW + timedelta(seconds=1), 10),
        (datetime(1904, 1, 1, tzinfo=UTC), 10),
        (None, 10),
        ("2026", 10),
    ],
)
def test_the_offset_is_the_age_of_the_recording(created, age):
    meta = {} if created is None else {"created": created}
    assert creation(clip(meta=meta), NOW.timestamp() + 10)["offset"] == age


def test_the_offset_is_never_negative():
    assert creation(clip(), NOW.timestamp() - 1000)["offset"] == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.MP4", "video/mp4"),
        ("a.mov", "video/quicktime"),
        ("a.WAV", "audio/wav"),
        ("a.mxf", "application/mxf"),
        ("a.txt", "text/plain"),
        ("a.braw", "application/octet-stream"),
    ],
)
def test_file_types(name, kind):
    assert filetype(clip(path=name)) == kind


@given(size=st.integers(1, 10**13), count=st.integers(1, 10_000))
def test_parts_cover_the_file_exactly(size, count):
    asset = Asset(id="a", urls=("https://h/",) * count, filetype="x/y", size=size, mark="", issued_at=0.0)
    spans = [asset.span(number) for number in range(1, count + 1)]
    assert sum(length for _, length in spans) == size
    end = 0
    for offset, length in spans:
        assert offset == end
        assert 0 <= length <= asset.part_bytes
        end += length


def test_a_head_comes_back_as_the_same_asset():
    asset = Asset(id="a", urls=("https://h/1",), filetype="x/y", size=3, mark="4", issued_at=5.0, abandoned=2)
    assert Asset.from_head(asset.head) == asset
    assert Asset.from_head({}) is None
    assert Asset.from_head({"abandoned": 1}) is None
    assert "https" not in repr(asset)


def s3(code, message=""):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b"", Verdict.THERE),
        (204, b"", Verdict.THERE),
        (200, b"<html>login", Verdict.NETWORK),
        (500, s3("InternalError"), Verdict.BUSY),
        (503, s3("SlowDown"), Verdict.BUSY),
        (502, b"<html>", Verdict.BUSY),
        (400, s3("RequestTimeout"), Verdict.BUSY),
        (409, s3("OperationAborted"), Verdict.BUSY),
        (409, s3("ConditionalRequestConflict"), Verdict.BUSY),
        (408, b"", Verdict.BUSY),
        (429, b"", Verdict.BUSY),
        (400, s3("BadDigest"), Verdict.GARBLED),
        (400, s3("IncompleteBody"), Verdict.GARBLED),
        (403, s3("AccessDenied", "Request has expired"), Verdict.EXPIRED),
        (404, s3("NoSuchUpload"), Verdict.EXPIRED),
        (404, s3("NoSuchBucket"), Verdict.EXPIRED),
        (403, s3("AccessDenied", "no"), Verdict.HOPELESS),
        (403, s3("SignatureDoesNotMatch"), Verdict.HOPELESS),
        (403, s3("RequestTimeTooSkewed"), Verdict.HOPELESS),
        (400, s3("EntityTooLarge"), Verdict.HOPELESS),
        (400, s3("InvalidArgument"), Verdict.HOPELESS),
        (307, s3("TemporaryRedirect"), Verdict.HOPELESS),
        (403, b"<html>login", Verdict.NETWORK),
        (302, b"<html>login", Verdict.NETWORK),
        (404, b"", Verdict.NETWORK),
    ],
)
def test_verdicts(status, body, verdict):
    assert judge(Answer(status=status, headers={}, body=body)) is verdict


@pytest.mark.parametrize(
    ("location", "verdict"), [("https://h/", Verdict.MOVED), ("http://h/", Verdict.HOPELESS)]
)
def test_a_redirect_is_followed_over_tls_alone(location, verdict):
    assert judge(Answer(status=307, headers={"location": location}, body=s3("TemporaryRedirect"))) is verdict


@pytest.mark.parametrize(
    ("headers", "md5", "verdict"),
    [
        ({"etag": '"' + "a" * 32 + '"'}, "a" * 32, Verdict.THERE),
        ({"etag": '"' + "b" * 32 + '"'}, "a" * 32, Verdict.GARBLED),
        ({"etag": '"' + "b" * 32 + '"'}, "", Verdict.THERE),
        ({"etag": '"' + "b" * 32 + '-3"'}, "a" * 32, Verdict.THERE),
        ({"etag": '"' + "b" * 32 + '"', "x-amz-server-side-encryption": "aws:kms"}, "a" * 32, Verdict.THERE),
        ({}, "a" * 32, Verdict.THERE),
    ],
)
def test_an_etag_is_compared_when_it_is_an_md5(headers, md5, verdict):
    assert judge(Answer(status=200, headers=headers, body=b"", md5=md5)) is verdict


@pytest.mark.parametrize(
    ("kind", "verdict"), [("text/html; charset=utf-8", Verdict.NETWORK), ("application/xml", Verdict.THERE)]
)
def test_a_page_with_an_etag_is_still_a_page(kind, verdict):
    headers = {"etag": '"5f3-64"', "content-type": kind}
    assert judge(Answer(status=200, headers=headers, body=b"<html>accept our terms")) is verdict


def test_both_payload_shapes_are_read():
    simple = read_refusal(400, {}, b'{"error": "invalid_client"}')
    assert isinstance(simple, Refused)
    assert simple.name == "invalid_client"
    body = (
        b'{"code": 409, "errors": [{"title": "Channel Paused", "detail": "d"}], "message": "Channel Paused"}'
    )
    detailed = read_refusal(409, {}, body)
    assert isinstance(detailed, Refused)
    assert detailed.paused
    assert not read_refusal(409, {}, b'{"errors": []}').paused


@given(st.integers(300, 599), st.binary(max_size=200))
def test_any_refusal_is_read_in_one_short_line(status, body):
    failure = read_refusal(status, {"content-type": "text/html; charset=x"}, body)
    assert isinstance(failure, Refused | Unreachable)
    assert "\n" not in str(failure)
    assert len(str(failure)) < 400


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["error", "errors", "title", "message", "detail"]), inner)))  # fmt: skip
def test_any_json_is_read(value):
    import json

    assert read_refusal(400, {}, json.dumps(value).encode())


def test_retry_after():
    assert [seconds(text) for text in (None, "", "7", "-1", "Wed, 21 Oct")] == [None, None, 7.0, 0.0, None]
