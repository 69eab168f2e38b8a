"""What the service says: the two JSON shapes of the API (reference, section 12) and S3's XML."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import Response


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer `value` in plain ASCII, so that text which is no valid Unicode cannot break an answer."""
    return Response(json.dumps(value), status, headers, "application/json")


class Refused(Exception):
    """A request that is turned down; `answer()` is what the client gets."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    def answer(self) -> Response:
        raise NotImplementedError


class AuthRefused(Refused):
    """The simple shape of the auth endpoints: 400 `{"error": "invalid_client"}`."""

    def __init__(self, error: str) -> None:
        super().__init__(400, error)

    def answer(self) -> Response:
        return json_answer({"error": self.text}, self.status)


class ApiRefused(Refused):
    """The detailed shape: `{"code", "errors": [{"code", "detail", "status", "title"}], "message"}`."""

    def __init__(
        self, status: int, *details: str, title: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.title = title or HTTPStatus(status).phrase
        self.details: Sequence[str] = details or (self.title,)
        self.headers = headers
        super().__init__(status, "; ".join(self.details))

    def answer(self) -> Response:
        errors = [
            {"code": self.status, "detail": detail, "status": self.status, "title": self.title}
            for detail in self.details
        ]
        body = {"code": self.status, "errors": errors, "message": self.title}
        return json_answer(body, self.status, self.headers)


def not_authorised(detail: str) -> ApiRefused:
    return ApiRefused(401, detail, title="Not Authorized")


class StorageRefused(Refused):
    """S3's shape: an `<Error>` document with a Code, a Message and what else S3 tells (`facts`)."""

    def __init__(self, status: int, code: str, message: str, **facts: str) -> None:
        super().__init__(status, message)
        self.code = code
        self.facts = facts

    def answer(self) -> Response:
        facts = {
            "Code": self.code,
            "Message": self.text,
            **self.facts,
            "RequestId": secrets.token_hex(8).upper(),
        }
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in facts.items())
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}</Error>'
        return Response(body.encode("ascii", "xmlcharrefreplace"), self.status, media_type="application/xml")
