"""JSON is taken at its word, and plain values are what it can say."""

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rushes_masterlockit.formats import FormatError, strict, write

INT64 = st.integers(-(2**63), 2**63 - 1)
SCALARS = (
    st.none()
    | st.booleans()
    | INT64
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=6)
    | st.sampled_from([":", '":', "{", "]", "\\u003a", '"'])
)
KEYS = st.sampled_from(["a", "b", ":", '"', "é", "a:b"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def nested(levels: int, inside: str = "") -> bytes:
    return ("[" * levels + inside + "]" * levels).encode()


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_any_json_is_read_as_the_standard_library_reads_it(value: Any, escaped: bool, indent: int | None):
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    assert strict(text.encode()) == json.loads(text)


class Pairs(list[tuple[str, Any]]):
    """An object as it is written, its keys repeated or not."""


def written(value: Any, escape: bool) -> str:
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{written(key, escape)}:{written(item, escape)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(item, escape) for item in value) + "]"
    text = json.dumps(value)
    return text.replace(":", "\\u003a") if escape and isinstance(value, str) else text


def repeats(value: Any) -> bool:
    if isinstance(value, Pairs):
        return len({key for key, _ in value}) < len(value) or any(repeats(item) for _, item in value)
    return isinstance(value, list) and any(map(repeats, value))


OBJECTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(st.tuples(KEYS, inner), max_size=4).map(Pairs) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300)
@given(OBJECTS, st.booleans())
@example(Pairs([("a", Pairs([("a", 1)])), ("a", ":")]), True)
@example(Pairs([("a", 1), ("a", 1)]), False)
def test_a_key_twice_is_refused_wherever_it_is_and_nothing_else(value: Any, escape: bool):
    text = written(value, escape)
    if repeats(value):
        with pytest.raises(FormatError, match="twice"):
            strict(text.encode())
    else:
        assert strict(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[1,]", b'{"a":1,}', b"{'a':1}", b"{a:1}", b"1 2", b"[]\x00", b"01", b"1.", b"tru",
        b"\xef\xbb\xbf{}", b"NaN", b"Infinity", b"-Infinity", b"[NaN]", b"1e400",
        b'"\\ud800"', b'"\\udc00x"', b'"a\nb"', b'"\\x41"',
        b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'{"\xff":1}',
        b"9223372036854775808", b"-9223372036854775809", b'{"a":[18446744073709551616]}', b"1" * 30, b"1" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused_in_one_line(data: bytes):
    with pytest.raises(FormatError) as caught:
        strict(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("digits", [19, 20, 4299, 4300, 4301, 5000, 10_000])
def test_integers_of_any_length_are_refused_even_where_they_are_overwritten(digits: int):
    for data in (b"9" * digits, b'{"a":' + b"9" * digits + b',"a":1}'):
        with pytest.raises(FormatError):
            strict(data)


def test_integers_reach_both_ends_of_64_bits():
    assert strict(b"[9223372036854775807,-9223372036854775808]") == [2**63 - 1, -(2**63)]


@pytest.mark.parametrize("inside", ["", "1", '"x"', "{}"])
def test_depth_ends_at_32(inside: str):
    levels = 32 - (inside == "{}")
    strict(nested(levels, inside))
    with pytest.raises(FormatError, match="32"):
        strict(nested(levels + 1, inside))


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 500_000,
        nested(100_000),
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' + nested(900) + b',"a":1}',
        b'{"\\u003a":' + nested(900) + b',"\\u003a":1}',
    ],
)
def test_depth_that_would_end_an_interpreter_ends_in_a_refusal(data: bytes):
    with pytest.raises(FormatError):
        strict(data)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text('{}[]":,\\u0031aAeE+-. \n', max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_format_error(data: bytes):
    try:
        value = strict(data)
    except FormatError:
        return
    assert value == json.loads(data)


@given(VALUES.filter(lambda value: isinstance(value, dict)))
def test_plain_values_are_written_compactly_and_come_back(value: dict[str, Any]):
    data = write(value)
    assert strict(data) == value
    assert data == msgspec.json.encode(value)


@pytest.mark.parametrize(
    "wrong", [math.nan, math.inf, b"x", {1}, 2**63, -(2**63) - 1, {1: 2}, "\ud800", {"\udfff": 1}]
)
def test_what_json_cannot_say_is_not_written(wrong: Any):
    with pytest.raises(FormatError):
        write({"a": [wrong]})


def test_a_value_that_holds_itself_is_not_written():
    endless: dict[str, Any] = {}
    endless["again"] = [endless]
    with pytest.raises(FormatError, match="32"):
        write(endless)
