"""What an upload host's answer to one part means: a success that is one, or a row of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rushes_frameio.refusal.failures import quote
from rushes_frameio.refusal.refusals import STRANGER, Action, Row, Where, row_of

CODE = re.compile(rb"<Code>\s*(\w+)\s*</Code>")
SAYS = re.compile(rb"<Message>([^<]*)</Message>")
MD5 = re.compile(r"[0-9a-f]{32}")


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

    @property
    def row(self) -> Row:
        """What the table says to this refusal. Without S3's code it came from something on the way."""
        text = self.body.decode(errors="replace")
        return row_of(Where.PART, self.status, self.code or STRANGER, text)

    @property
    def evidence(self) -> str:
        """What S3's support would ask for."""
        told = SAYS.search(self.body)
        request = self.headers.get("x-amz-request-id", "")
        parts = [str(self), quote(told[1].decode(errors="replace")) if told else ""]
        return "; ".join(part for part in [*parts, f"request {quote(request)}" if request else ""] if part)


def judge(answer: Answer) -> Action:
    """What to do about an answer."""
    if not 200 <= answer.status < 300:
        action = answer.row.action
        if action is Action.FOLLOW and not answer.headers.get("location", "").startswith("https://"):
            return Action.PARK
        return action
    if answer.foreign:
        return Action.NETWORK
    differs = answer.md5 and answer.told_md5 and answer.md5 != answer.told_md5
    return Action.GARBLED if differs else Action.DONE
