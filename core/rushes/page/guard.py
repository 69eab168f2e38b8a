"""What every request must be before it is looked at, and what every answer says to the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.types import Message, Scope

#: Everything from this page's own files; a view that forgets it is stopped by the browser.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: What the API answers may be opened by itself (a report, a film), and runs nothing: a clip's bytes are a stranger's.
ANSWER_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-downloads"
)
ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?")


class RefusedError(Exception):
    """A request that is answered with `status` and one line."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers or {}

    @property
    def body(self) -> bytes:
        kind = {401: "NotAuthorised", 403: "NotAuthorised", 404: "NotFound"}.get(self.status, "Unprocessable")
        return json.dumps({"error": str(self), "type": kind}).encode("ascii")


@dataclass(frozen=True)
class Asked:
    """A request's head. `headers` has each name once, the first one; `cookies` may be sent twice."""

    method: str
    path: str
    scheme: str
    peer: str
    own: str
    headers: Mapping[str, str] = field(repr=False)
    cookies: tuple[str, ...] = field(repr=False)

    @property
    def changes(self) -> bool:
        return self.method not in {"GET", "HEAD"}


def read_asked(scope: Scope) -> Asked:
    """The head of a request of HTTP/1.1. `own` is the address of this machine that it came to."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            cookies.append(value)
        headers.setdefault(name, value)
    return Asked(
        scope["method"], scope["path"], scope["scheme"], peer_of(scope["client"]), _plain(scope["server"]),
        headers, tuple(cookies),
    )  # fmt: skip


def check_host(asked: Asked, names: Collection[str]) -> None:
    """Refuse a name that is not the page's: one that a stranger's name server led here (DNS rebinding)."""
    found = _HOST.fullmatch(asked.headers.get("host", "").lower())
    name = found[1].removesuffix(".") if found else ""
    if not name or (_bare(name) != asked.own and _bare(name) not in names):
        raise RefusedError(
            403,
            "the page does not go by that name; where it should, name it in RUSHES_PAGE_NAMES and start again",
        )


def check_origin(asked: Asked, *, document: bool) -> None:
    """Refuse what another site has a browser do; `document`: it may be opened from anywhere."""
    site, origin = asked.headers.get("sec-fetch-site"), asked.headers.get("origin")
    if origin is not None and origin.lower() != f"{asked.scheme}://{asked.headers['host']}".lower():
        raise RefusedError(403, "asked by another site; use the page itself")
    if site in {None, "same-origin"} or (site == "none" and not asked.changes):
        return
    if not (document and not asked.changes and asked.headers.get("sec-fetch-mode") == "navigate"):
        raise RefusedError(403, "asked by another site; use the page itself")


def check_change(asked: Asked, *, by_browser: bool) -> None:
    """Refuse a change that a form or a foreign page could have sent."""
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "send it as JSON, with Content-Type: application/json")
    if by_browser and "origin" not in asked.headers and "sec-fetch-site" not in asked.headers:
        raise RefusedError(
            403, "a browser says where it asks from; a program uses a token: pipeline open FILE --token"
        )


def protected(message: Message, path: str) -> Message:
    """The head of an answer with what browsers must know; it may say for itself how long it may be kept."""
    if message["type"] != "http.response.start":
        return message
    headers = [(name.lower(), value) for name, value in message.get("headers", [])]
    policy = ANSWER_POLICY if path.startswith("/v1/") else PAGE_POLICY
    ours = {**ALWAYS, b"content-security-policy": policy.encode()}
    if not any(name == b"cache-control" for name, _ in headers):
        ours[b"cache-control"] = b"no-store"
    kept = [(name, value) for name, value in headers if name not in ours]
    return {**message, "headers": [*kept, *ours.items()]}


def normal_names(names: Iterable[str]) -> frozenset[str]:
    """Names and addresses as `check_host` compares them."""
    return frozenset(_bare(name.lower().removesuffix(".")) for name in names)


def _bare(name: str) -> str:
    """A host as it is compared: an address in its shortest form, without brackets."""
    try:
        return str(_unmapped(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        return name


def _unmapped(text: str) -> object:
    address = ip_address(text.partition("%")[0])
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _plain(end: tuple[str, int] | None) -> str:
    return str(_unmapped(end[0])) if end else ""


def peer_of(end: tuple[str, int] | None) -> str:
    """Whom a limit counts for: an address, or the network of one of version 6, since one machine has many."""
    text = _plain(end)
    return str(ip_network(f"{text}/64", strict=False)) if ":" in text else text
