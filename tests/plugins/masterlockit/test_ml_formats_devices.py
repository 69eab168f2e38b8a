"""Device ids as text, in whatever form they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.formats import TYPE_NAMES, device_id, device_key, device_text
from rushes_masterlockit.protocol.codes import DeviceType

IDS = st.integers(0, 2**64 - 1)


@given(IDS)
def test_our_text_means_the_id_again(device: int):
    text = device_text(device)
    assert len(text) == 16
    assert text == text.lower()
    assert device_id(text) == device_id(text.upper()) == device_id("0x" + text) == device
    assert device_key("0X" + text.upper()) == text


@given(IDS.filter(lambda device: len(str(device)) != 16))
def test_decimal_signed_or_not_means_the_id_again(device: int):
    signed = device - 2**64 if device >= 2**63 else device
    assert device_id(device_text(device, "decimal")) == device_id(str(signed)) == device


def test_sixteen_digits_are_hex():
    assert device_id("0102030405060708") == 0x0102030405060708
    assert device_id("1234567890123456") == 0x1234567890123456


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "abc", "0x", "0x" + "1" * 17, "1" * 21, str(2**64), str(-(2**63) - 1), "1.0", "-0x1", "١", "12_3",
     "0102030405060708\n", "0" * 32, "1" * 100_000],
)  # fmt: skip
def test_other_texts_stay_opaque(text: str):
    assert device_id(text) is None
    assert device_key(text) == text


def test_every_type_has_a_name():
    assert set(TYPE_NAMES) == set(DeviceType)
    assert len(set(TYPE_NAMES.values())) == len(TYPE_NAMES)
