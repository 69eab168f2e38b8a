"""The observer: each wanted event is posted, in order, until the receiver takes it."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import unquote

from rushes import Context, Event
from rushes_webhook.answer import judge
from rushes_webhook.kinds import matcher
from rushes_webhook.line import Line, connect, open_line
from rushes_webhook.message import body_of
from rushes_webhook.options import WebhookOptions, signing_key
from rushes_webhook.signing import signature


class Webhook:
    """Raises Unavailable where a post is not taken: the engine opens it again later, and that event comes again."""

    def __init__(
        self, options: WebhookOptions, context: Context, line: Line, key: bytes, ledger: str
    ) -> None:
        self._options = options
        self._context = context
        self._line = line
        self._key = key
        self._ledger = ledger
        self._wanted = matcher(options.events)
        self._headers = {
            "host": options.origin.partition("://")[2],
            "content-type": "application/json",
            "user-agent": "rushes",
        } | _login(options)

    async def watch(self, events: AsyncIterator[Event], /) -> None:
        """Post what is wanted, one after the other."""
        async for event in events:
            if self._wanted.match(event.kind):
                await self._post(event)

    async def _post(self, event: Event) -> None:
        # `seq` begins anew with each ledger, a message id never comes again for something else.
        message = f"msg_{self._ledger}_{event.seq}"
        body = await body_of(event, message, self._context.pipeline, self._context.catalog)
        now = int(time.time())
        headers = self._headers | {
            "content-length": str(len(body)),
            "webhook-id": message,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._key, message, now, body),
        }
        status, told = await self._line.post(headers, body)
        judge(self._options.origin, status, told, event.kind, datetime.now(UTC))
        self._context.show(posted_at=time.time())


def _login(options: WebhookOptions) -> dict[str, str]:
    """Name and password of the address, as HTTP sends them."""
    parts = options.parts
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@asynccontextmanager
async def open_webhook(options: WebhookOptions, context: Context) -> AsyncIterator[Webhook]:
    """Raises Unavailable where there is no secret to sign with. Whether the receiver is there, a post tells."""
    key = signing_key(options)
    ledger = await context.store.get("ledger")
    if ledger is None:
        ledger = uuid.uuid4().hex[:16]
        await context.store.set("ledger", ledger)
    async with open_line(options) as line:
        yield Webhook(options, context, line, key, ledger)


async def reach(options: WebhookOptions, _context: Context) -> None:
    """Connect to the receiver, TLS included, and post nothing. Raises Unavailable with the reason."""
    await connect(options)
