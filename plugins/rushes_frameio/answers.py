"""What an upload host's answer to one part means: section 12.2 of the C2C reference, S3's own codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

CODE = re.compile(rb"<Code>\s*(\w+)\s*</Code>")
MD5 = re.compile(r"[0-9a-f]{32}")
#: The request may simply be sent again.
PASSING = frozenset(
    {"RequestTimeout", "OperationAborted", "ConditionalRequestConflict", "InternalError", "SlowDown"}
)
#: The bytes did not arrive as they were sent.
GARBLED = frozenset({"BadDigest", "IncompleteBody"})
#: The place is gone: another asset is needed.
GONE = frozenset({"ExpiredToken", "NoSuchUpload", "NoSuchBucket"})


class Verdict(Enum):
    THERE = auto()
    BUSY = auto()
    GARBLED = auto()
    EXPIRED = auto()
    MOVED = auto()
    NETWORK = auto()
    HOPELESS = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An upload host's answer: header names in lower case, `md5` of the bytes sent ("" when not asked)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    md5: str = ""

    @property
    def code(self) -> str:
        """S3's own word for the refusal; "" where the answer is not S3's."""
        found = CODE.search(self.body)
        return found[1].decode() if found else ""

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "").strip().removeprefix("W/").strip('"').lower()

    @property
    def told_md5(self) -> str:
        """The MD5 that the host told; "" where the ETag is something else (several parts, KMS encryption)."""
        encrypted = self.headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
        return self.etag if MD5.fullmatch(self.etag) and not encrypted else ""

    @property
    def foreign(self) -> bool:
        """Whether a success is not S3's: it answers a PUT with an ETag and nothing else, a login page has a body."""
        page = self.headers.get("content-type", "").startswith("text/html")
        return bool(self.body) and (page or not self.etag)

    def __str__(self) -> str:
        return f"{self.status} {self.code}".rstrip()


def judge(answer: Answer) -> Verdict:
    """What to do about an answer. One without S3's code, 5xx apart, came from something on the way."""
    status, code = answer.status, answer.code
    if 200 <= status < 300:
        if answer.foreign:
            return Verdict.NETWORK
        differs = answer.md5 and answer.told_md5 and answer.md5 != answer.told_md5
        return Verdict.GARBLED if differs else Verdict.THERE
    if status in {408, 429} or status >= 500 or code in PASSING:
        return Verdict.BUSY
    if not code:
        return Verdict.NETWORK
    if status in {307, 308} and answer.headers.get("location", "").startswith("https://"):
        return Verdict.MOVED
    if code in GARBLED:
        return Verdict.GARBLED
    if code in GONE or (code == "AccessDenied" and b"expired" in answer.body.lower()):
        return Verdict.EXPIRED
    return Verdict.HOPELESS
