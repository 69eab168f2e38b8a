"""Observer `webhook`: what happens, as signed POSTs to a web address."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from rushes import AnySpec, Spec, hookimpl
from rushes_webhook.options import WebhookOptions, addresses, notes


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function imported when it is first called: `pipeline --help` need not pay for HTTP."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


@hookimpl
def rushes_observers() -> Sequence[AnySpec]:
    return [
        Spec(
            name="webhook",
            summary="Posts what happens to a web address, signed after Standard Webhooks, in order, until it is taken.",
            config=WebhookOptions,
            open=_later("rushes_webhook.observer", "open_webhook"),
            notes=notes,
            addresses=addresses,
            reach=_later("rushes_webhook.observer", "reach"),
        )
    ]
