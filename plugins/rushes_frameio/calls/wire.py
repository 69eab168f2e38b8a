"""One HTTPS call, and what every foreign error becomes.

A call raises Unreachable for the network and Refused for an answer of 300 and above.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx

from rushes_frameio.calls.allowance import Allowance
from rushes_frameio.calls.body import Body, encode_form
from rushes_frameio.refusal.causes import why
from rushes_frameio.refusal.failures import Unreachable, quote, read_refusal

LOG = logging.getLogger("rushes.frameio")


class Wire:
    def __init__(self, client: httpx.AsyncClient) -> None:
        """The client has the API's address and every call's headers; it follows no redirect."""
        self._client = client
        self._allowance = Allowance()

    async def allowed(self, method: str, url: str) -> None:
        """Return when the rate limits allow the call."""
        await self._allowance.wait(method, url)

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Mapping[str, Any]:
        """The object in the answer, {} where there is none (204); `url` may be a path of the API."""
        response = await self.send(method, url, headers, body)
        if response.status_code == 204:
            return {}
        answer: Mapping[str, Any] = _parsed(response, dict)
        return answer

    async def listed(self, url: str, headers: Mapping[str, str]) -> Sequence[Any]:
        """The list that a GET answers with."""
        answer: Sequence[Any] = _parsed(await self.send("GET", url, headers), list)
        return answer

    async def form(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """The answer to a form as Frame.io's device endpoints want it: multipart."""
        body, kind = encode_form(fields)
        return await self.call("POST", url, {"content-type": kind, **(headers or {})}, body)

    async def oauth_form(self, url: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer to a form as OAuth's endpoints want it (RFC 6749, section 4.1.3)."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self.call("POST", url, headers, urlencode(fields).encode())

    async def post(self, path: str, access: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a JSON document."""
        headers = {**bearer(access), "content-type": "application/json"}
        return await self.call("POST", path, headers, json.dumps(dict(document)).encode())

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        """An answer below 300, whatever it holds."""
        await self.allowed(method, url)
        if self._client.is_closed:  # an action that outlived the component which lent it
            raise Unreachable("the connection was closed meanwhile; ask again", lost=False)
        request = self._client.build_request(method, url, headers=dict(headers), content=body or None)
        request.stream = Body(body)
        try:
            response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(_reason(error), lost=False) from error
        except httpx.RequestError as error:  # a body that is not in the encoding it claims is one, too
            raise Unreachable(_reason(error), lost=True) from error
        self._allowance.saw(method, url, response.status_code, response.headers)
        if response.status_code >= 300:
            raise read_refusal(response.status_code, response.headers, response.content)
        return response


def bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def _parsed(response: httpx.Response, shape: type) -> Any:
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, shape):
        kind = response.headers.get("content-type", "no content type").split(";")[0]
        text = f"something on the way answered with {quote(kind)}"
        raise Unreachable(text, lost=False, status=response.status_code)
    return answer


def _reason(error: httpx.RequestError) -> str:
    """In words for people; httpx and trio wrap what the system said, which goes into the debug log."""
    LOG.debug("Frame.io: %r, by %r", error, error.__cause__)
    if isinstance(error, httpx.TimeoutException):
        return "it does not answer"
    if isinstance(error, httpx.DecodingError):
        return "the answer cannot be read; something on the way may be in between"
    return why(error, error.request.url.host)


class understood:  # noqa: N801 - reads as a statement: `with understood("tokens"):`
    """An answer in an unknown shape is an answer of something else than the service."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError | ValueError | TypeError | AttributeError):
            raise Unreachable(f"the answer does not look like {self._what}", lost=True, status=200) from error
