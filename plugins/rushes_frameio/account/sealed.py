"""What is sealed of an authorisation: a token pair, the device's own id, its model's secret."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from typing import Literal

from rushes import Context, NotAuthorised
from rushes_frameio.calls.api import Device

#: Who holds the tokens: a device that was paired by code, or an app that a person logged in to.
Kind = Literal["device", "app"]

SECRET_VARIABLE = "RUSHES_FRAMEIO_CLIENT_SECRET"  # noqa: S105 - the variable's name, not its value
#: Share of its life after which an access token is replaced.
EARLY = 0.75


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Tokens as sealed; `issued_at` is seconds since the epoch, `life` seconds.

    `authorisation` is a name of ours for the pairing, or the choice of a project after a login, that they go back
    to: it outlives refreshes.
    """

    kind: Kind
    authorisation: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued_at: float
    life: float

    def due(self, now: float) -> bool:
        """Whether it is time for a new pair; a clock that was set back makes it due too."""
        return not 0 <= now - self.issued_at < self.life * EARLY


def this_device(context: Context) -> Device:
    """This installation's id, minted once and sealed, with the model's secret.

    The secret comes from the environment, else from what the last pairing sealed. Raises NotAuthorised where
    there is none.
    """
    # Of this component of this machine: two of them are two devices, in two projects if need be.
    client_id = context.secrets.get("client_id")
    if client_id is None:
        client_id = str(uuid.uuid4())
        context.secrets.set("client_id", client_id)
    secret = os.environ.get(SECRET_VARIABLE) or context.secrets.get("client_secret")
    if not secret:
        raise NotAuthorised(f"no client secret; set {SECRET_VARIABLE} to the one Frame.io gave you")
    context.secrets.remember(secret)
    return Device(client_id=client_id, client_secret=secret)


def wrong_client(kind: Kind) -> str:
    """What to tell where the service answers `invalid_client`."""
    if kind == "app":
        return "Frame.io does not know the app_client_id; correct it in the pipeline file"
    return f"Frame.io does not accept the client secret; check {SECRET_VARIABLE}"
