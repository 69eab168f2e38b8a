"""The pure parts: options, assets, refusals; and the import that costs nothing."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import rushes_frameio
from rushes import Clip, ConfigError
from rushes_frameio.calls.api import trusted
from rushes_frameio.options import FrameioOptions
from rushes_frameio.refusal.failures import Refused, Unreachable, read_refusal
from rushes_frameio.refusal.refusals import Action, Where
from rushes_frameio.sending.asset import Asset, creation


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
        "print([m for m in ('httpx', 'rushes_frameio.sink') if m in sys.modules], s.name)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[] frameio\n"


def test_the_spec_opens_late():
    [spec] = rushes_frameio.rushes_sinks()
    assert spec.slots == 2
    assert spec.config is FrameioOptions


def clip(**fields):
    values = {"volume": "v", "path": "A/C1.mov", "size": 10, "mtime_ns": 1, **fields}
    return Clip(**values)


def test_the_primary_channel_is_not_named():
    body = {"name": "C1.mov", "filetype": "video/quicktime", "filesize": 10, "offset": 7}
    assert creation(clip(), offset=7, channel=0) == body
    assert creation(clip(), offset=7, channel=2) == {**body, "channel": 2}


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


def test_both_payload_shapes_are_read():
    simple = read_refusal(400, {}, b'{"error": "invalid_client"}')
    assert isinstance(simple, Refused)
    assert simple.name == "invalid_client"
    body = (
        b'{"code": 409, "errors": [{"title": "Channel Paused", "detail": "d"}], "message": "Channel Paused"}'
    )
    detailed = read_refusal(409, {}, body)
    assert isinstance(detailed, Refused)
    assert detailed.row(Where.ASSET).action is Action.PAUSED
    other = read_refusal(409, {}, b'{"errors": []}')
    assert isinstance(other, Refused)
    assert other.row(Where.ASSET).action is Action.FEW


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
