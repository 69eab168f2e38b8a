"""Who may come in."""

from __future__ import annotations

import hmac

from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.protocol import VERSION_1_0, FailureCode, Hello, verify

#: What is told to people of a client that was refused.
REASONS = {
    FailureCode.VERSION: "it speaks no version of the protocol that we do",
    FailureCode.KEY: "its API key is not ours",
    FailureCode.SIGNATURE: "its signature is wrong",
}


def judge(hello: Hello, nonce: bytes, credentials: Credentials | None) -> FailureCode | None:
    """Why the client may not come in: version, then key, then signature. How long it takes tells nothing of the
    key or the secret: an unknown key is signed too. Without credentials whoever speaks the protocol may.
    """
    if VERSION_1_0 not in hello.versions:
        return FailureCode.VERSION
    if credentials is None:
        return None
    known = hmac.compare_digest(hello.key, credentials.key)
    signed = verify(credentials.secret, hello.key, nonce, hello.signature)
    if not known:
        return FailureCode.KEY
    return None if signed else FailureCode.SIGNATURE
