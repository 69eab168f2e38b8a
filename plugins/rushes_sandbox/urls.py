"""The upload urls that an answer hands out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.requests import Request

from rushes_sandbox.asset import Asset, Part
from rushes_sandbox.store import Store

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


def upload_urls(store: Store, request: Request, asset: Asset, parts: Iterable[Part]) -> list[str]:
    """One presigned url a part, on the host the client used, so that a proxy between the two stays there."""
    asked = request.headers.get("host", "")
    host = asked if _HOST.fullmatch(asked) else "{}:{}".format(*request.scope["server"])
    urls = []
    for part in parts:
        path = asset.path(part)
        query = store.signer.presign(
            path,
            host=host,
            content_type=asset.filetype,
            now=store.settings.clock(),
            life=store.settings.url_life,
        )
        urls.append(f"https://{host}{path}?{query}")
    return urls
