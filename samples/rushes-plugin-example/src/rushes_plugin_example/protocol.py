"""Four requests of the tus protocol 1.0.0 (https://tus.io); failures as the engine takes them."""

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urljoin

import httpx
from rushes import Permanent, Transient, Unavailable

from rushes_plugin_example.options import TusOptions

VERSION = {"Tus-Resumable": "1.0.0"}
TIMEOUT_S = 30.0
LONGEST_WAIT_S = 600.0
OK = 200
GONE = {404, 410}


def client_of(options: TusOptions) -> httpx.AsyncClient:
    headers = dict(VERSION)
    if options.token is not None and (token := options.token.get_secret_value()):
        headers["Authorization"] = f"Bearer {token}"
    return httpx.AsyncClient(headers=headers, timeout=TIMEOUT_S)


class Tus:
    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def greet(self) -> None:
        """Raise where the server is not there, or does not want us."""
        await self._ask("OPTIONS", self._url)

    async def create(self, name: str, size: int) -> str:
        """A place for so many bytes; its address."""
        told = f"filename {b64encode(name.encode(errors='replace')).decode()}"
        headers = {"Upload-Length": str(size), "Upload-Metadata": told}
        answer = await self._ask("POST", self._url, headers)
        place = str(answer.headers.get("Location", ""))
        if not place:
            raise Permanent(f"{self._url}: told no Location of an upload; is it a tus server?")
        return urljoin(self._url, place)

    async def offset(self, place: str) -> int | None:
        """How many bytes are there; None where the place is gone."""
        answer = await self._ask("HEAD", place)
        return None if answer.status_code in GONE else int(answer.headers.get("Upload-Offset", 0))

    async def append(self, place: str, offset: int, content: bytes) -> None:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        answer = await self._ask("PATCH", place, headers, content)
        if answer.status_code in GONE:
            raise Transient(f"{self._url}: the upload is gone; it is created again")

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        try:
            answer = await self._client.request(method, url, headers=headers, content=content)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unavailable(f"{self._url}: no answer ({type(error).__name__})") from error
        _judge(answer, self._url)
        return answer


def _judge(answer: httpx.Response, url: str) -> None:
    """Classed by what the engine is to do next; 404 and 410 are for who asked."""
    status = answer.status_code
    if answer.is_success or (status in GONE and answer.request.method != "POST"):
        return
    if status in {401, 403}:
        raise Unavailable(f"{url}: refused our token (HTTP {status}); correct `token`")
    if status >= 500 or status in {408, 409, 423, 429}:
        raise Transient(f"{url}: HTTP {status}", retry_after=_wait(answer))
    raise Permanent(f"{url}: HTTP {status} for {answer.request.method}; see what the server says")


def _wait(answer: httpx.Response) -> float | None:
    """Seconds that the server asks for; None leaves it to the engine."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() else None
