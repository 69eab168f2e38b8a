"""What users write for a `webhook` observer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path
from ssl import create_default_context
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator

from rushes import Duration, Options, Secret, Unavailable
from rushes.trust import trust
from rushes_webhook.kinds import DEFAULT, KINDS, matcher
from rushes_webhook.signing import key_of

_PATTERN = re.compile(r"[a-z*?][a-z_.*?]*")


def _address(url: SecretStr) -> SecretStr:
    """A web address; nothing of it is ever in an error, for a part may be a secret."""
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("is no web address; write https://HOST/PATH") from None
    odd = not text.isascii() or not text.isprintable() or " " in text
    if odd or parts.scheme not in {"https", "http"} or not parts.hostname or port == 0 or parts.fragment:
        raise ValueError("is no web address; write https://HOST/PATH")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("http is for this machine alone (127.0.0.1, localhost); write https://HOST/PATH")
    return url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(secret: SecretStr) -> SecretStr:
    """An empty one stands for a variable that is not set: that is told when something is to be signed."""
    if secret.get_secret_value():
        key_of(secret.get_secret_value())
    return secret


class WebhookOptions(Options):
    url: Annotated[SecretStr, AfterValidator(_address)] = Field(
        description="Where to post: https, or http on this machine."
    )
    secret: Annotated[Secret, AfterValidator(_key)] = Field(
        description="What posts are signed with, by reference: `whsec_` and base64, or any other text."
    )
    events: tuple[str, ...] = Field(
        DEFAULT, min_length=1, description="The kinds of events to post, or patterns such as `step.*`."
    )
    timeout: Duration = Field(10.0, gt=0, le=300, description="How long one post may take.")
    ca_file: Path | None = Field(None, description="Certificates (PEM) to trust beside the system's.")

    @field_validator("events")
    @classmethod
    def _patterns(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in events:
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(f"'{pattern}' is no kind of event; write one such as step.done or step.*")
        return events

    @property
    def origin(self) -> str:
        """All of the address that may be told: scheme, host and port. A path may be a secret, too."""
        parts = self.parts
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url.get_secret_value())


def signing_key(options: WebhookOptions) -> bytes:
    """The key to sign with. Raises Unavailable where the secret is empty."""
    secret = options.secret.get_secret_value()
    if not secret:
        raise Unavailable("no secret to sign with; set the variable that 'secret' refers to, and start again")
    return key_of(secret)


def addresses(options: WebhookOptions) -> Sequence[str]:
    """Where posts go, without what may be a secret of it."""
    return (options.origin,)


def notes(options: WebhookOptions) -> Sequence[str]:
    """What is posted where, and what is missing; raises ConfigError where `ca_file` cannot be used."""
    trust(create_default_context(), options.ca_file)
    said = [
        f"{options.origin}: gets signed posts of {', '.join(options.events)}; a check never posts",
        *(
            f"events: '{pattern}' is no event that there is; see the README of rushes_webhook"
            for pattern in options.events
            if not any(matcher([pattern]).match(kind) for kind in KINDS)
        ),
    ]
    try:
        signing_key(options)
    except Unavailable as error:
        said.append(str(error))
    return said
