"""What the pipeline's own socket offers about the page: who may speak there may let people in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, TypedDict

from msgspec import Meta, Struct

from rushes.api.control import Document
from rushes.api.endpoint import Asked, Endpoint
from rushes.page.serve import Page

LOG = logging.getLogger("rushes.page")
MOST_MINUTES = 60
#: Where the page's own script finds the code: behind the #, which browsers send nowhere.
ENTER = "#/enter/"


class LinkWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a link is to be good."""

    minutes: Annotated[int, Meta(ge=1, le=MOST_MINUTES)] = 10


class LinkMade(TypedDict):
    """`url` signs in once; so does `code`, typed at `page` or one of `others`. `local`: from this machine alone.

    `fingerprint` is that of a self-signed certificate, or "".
    """

    url: str
    code: str
    expires_in: int
    page: str
    others: list[str]
    local: bool
    fingerprint: str


class TokenWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """For which program; one that does not `write` can only read."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    write: bool = False


class TokenMade(TypedDict):
    """Told this once; `Authorization: Bearer` and the token lets a program in."""

    token: str
    page: str


class Forgotten(TypedDict):
    """How many browsers and programs have to sign in again."""

    forgotten: int


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No more to say."""


def desk(page: Page) -> Sequence[Endpoint]:
    """The endpoints that only the socket has."""

    async def link(asked: Asked) -> Document:
        made = page.way.links.make(60.0 * asked.body.minutes)
        return LinkMade(
            url=f"{page.url}{ENTER}{made.secret}",
            code=made.typed,
            expires_in=60 * asked.body.minutes,
            page=page.url,
            others=list(page.urls[1:]),
            local=page.address.alone,
            fingerprint=page.certificate.fingerprint if page.certificate and not page.certificate.own else "",
        )

    async def token(asked: Asked) -> Document:
        secret = await page.way.sessions.mint(asked.body.name, writes=asked.body.write)
        LOG.info("page: a token for %s", asked.body.name)
        return TokenMade(token=secret, page=page.url)

    async def forget(_asked: Asked) -> Document:
        page.way.links.void()
        forgotten = await page.way.sessions.forget()
        LOG.info("page: %d sessions are forgotten", forgotten)
        return Forgotten(forgotten=forgotten)

    return (
        Endpoint(
            method="POST",
            path="/v1/links",
            summary="A link that signs a browser in, once.",
            body=LinkWanted,
            answer=LinkMade,
            handle=link,
        ),
        Endpoint(
            method="POST",
            path="/v1/tokens",
            summary="A token for a program; the one of that name before is good no longer.",
            body=TokenWanted,
            answer=TokenMade,
            handle=token,
            errors=(409,),
        ),
        Endpoint(
            method="POST",
            path="/v1/sessions/forget",
            summary="End every session of the page, of browsers and of programs.",
            body=Nothing,
            answer=Forgotten,
            handle=forget,
            errors=(409,),
        ),
    )
