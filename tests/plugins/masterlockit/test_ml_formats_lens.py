"""Lens data, the one format that is packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.formats import FormatError, LensData
from rushes_masterlockit.protocol.codes import ByteOrder

ORDERS = st.sampled_from([ByteOrder.LITTLE, ByteOrder.BIG])


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.binary(max_size=40), ORDERS)
def test_lens_data_comes_back(seconds: int, frames: int, vendor: bytes, order: ByteOrder):
    lens = LensData(seconds, frames, vendor)
    packed = lens.pack(order)
    assert LensData.unpack(packed, order) == lens
    assert packed == seconds.to_bytes(4, order.value) + frames.to_bytes(2, order.value) + vendor


def test_the_lens_of_the_reference():
    data = bytes.fromhex("100e00000c007a") + bytes(34)
    assert LensData.unpack(data, ByteOrder.LITTLE) == LensData(3600, 12, b"z" + bytes(34))


@pytest.mark.parametrize("size", range(6))
def test_lens_data_without_a_whole_timecode_is_refused(size: int):
    with pytest.raises(FormatError, match=f"{size} bytes"):
        LensData.unpack(bytes(size), ByteOrder.LITTLE)


@pytest.mark.parametrize("lens", [LensData(-1, 0), LensData(2**32, 0), LensData(0, 2**16)])
def test_a_timecode_that_does_not_fit_is_not_packed(lens: LensData):
    with pytest.raises(ValueError, match="do not fit"):
        lens.pack(ByteOrder.BIG)
