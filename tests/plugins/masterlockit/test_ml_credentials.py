"""Key and secret from the environment: what cannot be used is refused by name, never told."""

from __future__ import annotations

import pytest

from rushes import ConfigError
from rushes.testing import open_stand_in
from rushes_masterlockit.credentials import KEY, SECRET, read_credentials
from rushes_masterlockit.identity import credentials_of
from rushes_masterlockit.options import MasterlockitOptions

GOOD = "LOCKIT-TEST-API-KEY-0001"


@pytest.mark.parametrize("key", ["", "x", GOOD[:-1], GOOD + "x", GOOD[:-1] + "ä", "ä" * 24])
def test_a_key_has_24_bytes(key):
    with pytest.raises(ConfigError) as raised:
        read_credentials("raw", {KEY: key, SECRET: "s"})
    assert KEY in str(raised.value)
    assert len(key) < 2 or key not in str(raised.value)


def test_a_key_of_24_bytes_is_taken_as_it_is():
    assert read_credentials("raw", {KEY: "ä" * 12, SECRET: "s"}).key == "ä".encode() * 12


@pytest.mark.parametrize(
    ("encoding", "written", "secret"),
    [("raw", "6869", b"6869"), ("hex", "6869", b"hi"), ("base64", "aGk=", b"hi")],
)
def test_a_secret_is_written_as_the_option_says(encoding, written, secret):
    read = read_credentials(encoding, {KEY: GOOD, SECRET: written})
    assert read.secret == secret
    assert written not in repr(read)
    assert GOOD not in repr(read)


@pytest.mark.parametrize(
    ("encoding", "written"), [("raw", ""), ("hex", "zz"), ("hex", "687"), ("base64", "a*")]
)
def test_a_secret_that_is_none_is_refused_and_not_told(encoding, written):
    with pytest.raises(ConfigError) as raised:
        read_credentials(encoding, {KEY: GOOD, SECRET: written})
    assert SECRET in str(raised.value)
    assert not written or f" {written}" not in str(raised.value)


async def test_no_log_tells_them(monkeypatch, tmp_path):
    monkeypatch.setenv(KEY, GOOD)
    monkeypatch.setenv(SECRET, "6869686968")
    async with open_stand_in(tmp_path) as context:
        assert credentials_of(MasterlockitOptions(listen=":1", auth="accept_any"), context) is None
        assert context.secrets.remembered == []
        credentials_of(MasterlockitOptions(host="hub", secret_encoding="hex"), context)
        assert context.secrets.remembered == [GOOD, "6869686968"]
