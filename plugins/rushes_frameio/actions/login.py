"""The action `login`: a person logs in with a browser (authorization code with PKCE, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import trio

from rushes import Context, NotAuthorised, Tell, Unavailable
from rushes_frameio.account.connection import open_connection
from rushes_frameio.account.sealed import wrong_client
from rushes_frameio.actions.loopback import open_loopback
from rushes_frameio.actions.pairing import living
from rushes_frameio.calls.api import Grant
from rushes_frameio.calls.apps import Apps
from rushes_frameio.refusal.failures import Refused, quote

if TYPE_CHECKING:
    from rushes_frameio.options import FrameioOptions
    from rushes_frameio.sink import FrameioSink

#: Seconds that a person has to log in.
PATIENCE_S = 600.0


async def login(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    tell: Tell,
) -> Mapping[str, Any]:
    """Log in; tells `login_url`, where a browser of this machine has to go, and `expires_in`.

    Returns the connection's facts. Cancelling it changes nothing. Raises NotAuthorised when nobody logged in in
    time or it was declined.
    """
    async with open_connection(options, context) as own:
        own.tokens.only(None)
        if not own.apps.offered:
            raise NotAuthorised("no app_client_id in the pipeline file; add it, or pair by code instead")
        grant = await _granted(own.apps, tell, context.secrets.remember)
        try:
            person = await own.apps.person(grant.access)
        except Refused as refused:
            raise Unavailable(f"Frame.io answered {refused} when asked who logged in") from refused
        connection = living(part) or own
        await connection.tokens.adopt("app", grant)
        await connection.logged_in(person)
        return connection.facts


async def _granted(apps: Apps, tell: Tell, remember: Callable[[str], None]) -> Grant:
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    remember(verifier)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    async with open_loopback(state) as loopback:
        page = apps.login_page(redirect_uri=loopback.redirect_uri, state=state, challenge=challenge)
        await tell({"login_url": page, "expires_in": PATIENCE_S})
        answer: Mapping[str, str] | None = None
        with trio.move_on_after(PATIENCE_S):
            answer = await loopback.answer()
        redirect_uri = loopback.redirect_uri
    if answer is None:
        raise NotAuthorised("nobody logged in in time; run: pipeline frameio login FILE")
    if "code" not in answer:
        raise NotAuthorised(f"Frame.io did not log you in: {quote(answer.get('error', 'no reason given'))}")
    remember(answer["code"])
    try:
        return await apps.redeem(code=answer["code"], verifier=verifier, redirect_uri=redirect_uri)
    except Refused as refused:
        if refused.name == "invalid_client":
            raise NotAuthorised(wrong_client("app")) from refused
        if refused.status == 429 or refused.status >= 500:
            raise Unavailable(f"Frame.io answered {refused}", retry_after=refused.retry_after) from refused
        raise NotAuthorised(f"Frame.io refused the login: {refused}") from refused
