"""What users write for a `frameio` sink, and for it in a route."""

from __future__ import annotations

import re
from pathlib import Path
from ssl import create_default_context
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from rushes import ConfigError, Options, Size
from rushes.trust import trust

#: Slower than this a part takes hours, and the service cuts it: somebody forgot the M.
LEAST_RATE = 64_000
_NAME = re.compile(r"[^/\s]+")


def _secure(value: str) -> str:
    remedy = "must be https://HOST[:PORT]; plain HTTP is never used"
    try:
        url = urlsplit(value)
        whole = url.scheme == "https" and bool(url.hostname) and (url.port or 443) > 0
    except ValueError:
        raise ValueError(remedy) from None
    more = url.path.strip("/") or url.query or url.fragment or "@" in url.netloc
    if not whole or more or re.search(r"\s", value):
        raise ValueError(remedy)
    return value.rstrip("/")


class FrameioOptions(Options):
    api_url: str = Field("https://api.frame.io", description="The service; HTTPS only.")
    login_url: str = Field(
        "https://applications.frame.io", description="Where people log in for `login`; HTTPS only."
    )
    app_client_id: str | None = Field(None, description="The id Frame.io gave an application, for `login`.")
    ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) to trust beside the system's, for a sandbox or a studio's proxy.",
    )
    parts_in_flight: int = Field(
        16, ge=1, le=64, description="Parts sent at once at most; how many is found out."
    )
    max_rate: Size | None = Field(None, ge=LEAST_RATE, description="Bits a second at most, over all uploads.")
    check_etag: bool = Field(default=True, description="Compare the MD5 of each part with the answer's ETag.")
    devices: dict[str, str] = Field(
        default_factory=dict,
        description="Device model id by device: `type` or `type/name`; a device that is not here gets no channel.",
    )
    channels: dict[str, str] = Field(
        default_factory=dict,
        description="Device model id by name, for channels without a device that a route names.",
    )

    @field_validator("devices")
    @classmethod
    def _types_and_names(cls, value: dict[str, str]) -> dict[str, str]:
        for key, model in value.items():
            if not all(_NAME.fullmatch(part) for part in key.split("/", 1)) or not model.strip():
                raise ValueError(f"'{key}' must be TYPE or TYPE/NAME, with the id of a device model")
        return value

    @field_validator("channels")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        for key, model in value.items():
            if not key.strip() or not model.strip():
                raise ValueError(f"'{key}' must be a name, with the id of a device model")
        return value

    @field_validator("api_url", "login_url")
    @classmethod
    def _https_only(cls, value: str) -> str:
        return _secure(value)


class FrameioWishes(Options):
    """What a route may say: `to: [{sink: frameio, channel: raw}]`."""

    channel: str = Field(..., description="One of the sink's `channels`.")


def agree(options: FrameioOptions, wishes: FrameioWishes) -> None:
    """Raise ConfigError where a route names a channel that the sink does not declare."""
    if wishes.channel not in options.channels:
        known = ", ".join(options.channels) or "none"
        raise ConfigError(f"no channel '{wishes.channel}'; the sink's channels: {known}")


def addresses(options: FrameioOptions) -> tuple[str, ...]:
    """The service, and where people log in if they do."""
    return (options.api_url, options.login_url) if options.app_client_id else (options.api_url,)


def notes(options: FrameioOptions) -> tuple[str, ...]:
    """Raise ConfigError where `ca_file` cannot be used; there is nothing else to say without a network."""
    trust(create_default_context(), options.ca_file)
    return ()
