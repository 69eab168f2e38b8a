"""Request bodies: a multipart form, and bytes that a broken connection leaves without a trace."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping

import httpx


def encode_form(fields: Mapping[str, str]) -> tuple[bytes, str]:
    """Plain fields as multipart/form-data: the body and its content type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return f"{''.join(parts)}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


class Body(httpx.AsyncByteStream):
    """The bytes in one chunk, sent once.

    httpx's own streams are async generators; one that a lost connection leaves half way is collected with a
    warning under trio.
    """

    def __init__(self, content: bytes) -> None:
        self._left = [content] if content else []

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()
