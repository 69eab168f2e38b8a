"""Signatures after Standard Webhooks 1.0 (symmetric, `v1`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

#: In the `whsec_` form, the key follows in base64.
PREFIX = "whsec_"
#: A key of fewer bytes can be guessed from one post.
LEAST_BYTES = 16


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: `whsec_` with base64, or any other text itself.

    Raises ValueError with what is wrong, never with the secret.
    """
    secret = secret.strip()
    if not secret.startswith(PREFIX):
        key = secret.encode()
    else:
        text = secret.removeprefix(PREFIX)
        try:
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"what follows {PREFIX} is not base64; copy the secret again") from None
    if len(key) < LEAST_BYTES:
        raise ValueError(f"is too short; take {LEAST_BYTES} random bytes or more, as `openssl rand -hex 32`")
    return key


def signature(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature` of a post: message id, seconds since the epoch, and the very bytes sent."""
    signed = b".".join((message.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
