"""Attacks on what takes secrets out of the log."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from rushes.cli.text import printable
from rushes.logs.known import forms_of, remember
from rushes.logs.log import open_log
from rushes.logs.redact import HIDDEN, processor, redact, redact_text

LOG = logging.getLogger("rushes.attack")
KNOWN = "kR7/pq+Zt=9 'u\"Äx"
PLAIN = "c0ffee5ecretc0ffee"
remember([KNOWN, PLAIN])

ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
secrets = st.text(ALPHABET, min_size=20, max_size=40)
around = st.text(max_size=30)


@pytest.fixture
def written(tmp_path, capsys):
    """Log what a function logs; the lines as objects, and all that was written anywhere as one text."""

    def call(act):
        with open_log(tmp_path, printable) as path:
            act()
        text = path.read_text()
        return [json.loads(line) for line in text.splitlines()], text + capsys.readouterr().err

    return call


def test_a_line_is_an_object(written):
    def act():
        LOG.info("%d clips of %s", 3, "A001", extra={"card": "A001"})
        structlog.get_logger("plugin").info("told", clip={"id": 7})
        try:
            raise ValueError("no moov")
        except ValueError:
            LOG.exception("broken")

    lines, text = written(act)
    assert list(lines[0]) == ["time", "level", "logger", "event", "card"]
    assert (lines[0]["level"], lines[0]["logger"], lines[0]["event"]) == (
        "info",
        "rushes.attack",
        "3 clips of A001",
    )
    assert (lines[1]["logger"], lines[1]["event"], lines[1]["clip"]) == ("plugin", "told", {"id": 7})
    assert lines[2]["event"] == "broken"
    assert "no moov" in lines[2]["exception"]
    assert text.endswith("error: broken\n")


def _raised():
    try:
        raise ValueError(f"refused: {PLAIN}") from OSError(f"https://u:{PLAIN}@h/")
    except ValueError:
        return sys.exc_info()


@pytest.mark.parametrize(
    "act",
    [
        lambda: LOG.warning("%s%s", PLAIN[:7], PLAIN[7:]),
        lambda: LOG.warning("x %(a)s", {"a": PLAIN}),
        lambda: LOG.warning("x", extra={"clip": {"deep": [{"er": (PLAIN,)}]}}),
        lambda: LOG.warning("x", extra={"blob": b"\xff" + PLAIN.encode()}),
        lambda: LOG.warning("%r", PLAIN.encode()),
        lambda: LOG.error("x", exc_info=_raised()),
        lambda: LOG.error("x", extra={"why": _raised()[1]}),
        lambda: LOG.error("x", extra={PLAIN: 1}),
        lambda: LOG.error(ValueError(PLAIN)),
        lambda: LOG.warning("x", stack_info=True, extra={"a": {PLAIN}}),
        lambda: structlog.get_logger("p").warning(PLAIN, a=PLAIN, b={"c": PLAIN}),
        lambda: structlog.get_logger("p").error("x", exc_info=_raised()),
        lambda: structlog.get_logger(PLAIN).warning("x"),
    ],
)
def test_a_known_secret_never_comes_out(written, act):
    lines, text = written(act)
    assert lines
    assert PLAIN not in text
    assert HIDDEN in text


@pytest.mark.parametrize("value", [KNOWN, PLAIN])
@given(before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_known_in_base64(value, before, after):
    """Whatever stands around it: what is left of it does not decode to more than its edges."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + value.encode() + after).decode()
        assert HIDDEN in redact_text(f"got {text}.")


@given(before=around, after=around)
def test_known_as_it_is_and_encoded(before, after):
    for value in (KNOWN, PLAIN):
        for form in (
            value,
            quote(value),
            quote_plus(value),
            _lower(quote(value, safe="")),
            json.dumps(value)[1:-1],
        ):
            cleaned = redact_text(before + form + after)
            assert cleaned.count(form) == (before + after).count(form)
    assert all(HIDDEN in redact_text(form) for form in forms_of(PLAIN))


def _lower(text):
    return re.sub("%..", lambda found: found[0].lower(), text)


SHAPES = [
    "Authorization: Bearer {}",
    "authorization: Basic {}",
    "{{'Authorization': 'Bearer {}'}}",
    "[(b'authorization', b'Bearer {}')]",
    "Cookie: session={}; other={}",
    "https://user:{}@host/path",
    "https://{}@host/path",
    "PUT https://b.s3.amazonaws.com/k?X-Amz-Date=2&X-Amz-Signature={}&x=1",
    "https://b/k?X-Amz-Security-Token={}",
    "https://b/k%3FX-Amz-Signature%3D{}",
    "https://b/k?Expires=1&Signature={}&Key-Pair-Id={}",
    "https://b/k?sig={}",
    "access_token={}&x=1",
    '{{"refresh_token": "{}", "n": 1}}',
    '{{\\"client_secret\\": \\"{}\\"}}',
    "password = '{}'",
    "api-key: {}",
    "http://h/#/enter/{}",
    "eyJ{}.{}.{}",
    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize("shape", SHAPES)
@given(secret=secrets)
def test_shapes_of_secrets_nobody_knew(shape, secret):
    assert secret not in redact_text(shape.format(secret, secret, secret))
    assert secret not in json.dumps(redact({"event": shape.format(secret, secret, secret)}))


@pytest.mark.parametrize(
    "key",
    [
        "Authorization",
        "token",
        "accessToken",
        "client_secret",
        "PASSWORD",
        "Set-Cookie",
        "x-api-key",
        "user_code",
    ],
)
@given(secret=secrets, deep=st.integers(0, 6))
def test_names_of_secrets(key, secret, deep):
    value = {key: secret, key.encode(): [secret]}
    for _ in range(deep):
        value = {"a": [value]}
    assert secret not in json.dumps(processor(None, "", {"event": "x", "v": value}))
    assert secret not in json.dumps(redact([(key, secret), (key.encode(), secret.encode())]))


def test_what_is_no_secret_stays():
    for text in (
        "A001C003_261122_R1AB.mov to frameio: 3 of 7 parts",
        "onset runs; its API is at /run/user/1000/rushes/0123456789abcdef.sock",
        "https://api.frame.io/v4/accounts?page=2",
        "token refreshed",
        "xxh64 6c08ee60a1b2c3d4",
    ):
        assert redact_text(text) == text
    assert redact({"key": "scene", "tokens_left": None, "n": 3}) == {
        "key": "scene",
        "tokens_left": None,
        "n": 3,
    }


def test_what_cannot_be_cleaned_is_not_told():
    class Evil:
        def __repr__(self):
            raise RuntimeError(PLAIN)

    loop = []
    loop.append(loop)
    assert PLAIN not in json.dumps(processor(None, "", {"event": Evil(), "time": "now"}))
    assert processor(None, "", {"event": "x", "loop": loop})["event"] == "x"
