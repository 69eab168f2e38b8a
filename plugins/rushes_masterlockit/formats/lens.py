"""Lens data, the one format that is packed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.protocol.codes import ByteOrder

_HEAD = {ByteOrder.LITTLE: struct.Struct("<IH"), ByteOrder.BIG: struct.Struct(">IH")}


@dataclass(frozen=True, slots=True)
class LensData:
    """What a lens measured at a label of timecode; `vendor` is its maker's business."""

    seconds: int
    frames: int
    vendor: bytes = b""

    @classmethod
    def unpack(cls, data: bytes, order: ByteOrder) -> Self:
        """Out of the connection's byte order, which is known by then. FormatError if it is too short."""
        head = _HEAD[order]
        if len(data) < head.size:
            raise FormatError(f"lens data of {len(data)} bytes; its timecode alone takes {head.size}")
        seconds, frames = head.unpack_from(data)
        return cls(seconds, frames, bytes(data[head.size :]))

    def pack(self, order: ByteOrder) -> bytes:
        """Into the connection's byte order; ValueError for a timecode that does not fit."""
        try:
            return _HEAD[order].pack(self.seconds, self.frames) + self.vendor
        except struct.error:
            raise ValueError(f"{self.seconds} s {self.frames} frames do not fit into lens data") from None
