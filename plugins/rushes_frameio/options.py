"""What users write for a `frameio` sink, and for it in a route."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from rushes import ConfigError, Options, Size


def _secure(value: str) -> str:
    url = urlsplit(value)
    if url.scheme != "https" or not url.hostname or "@" in url.netloc or url.query or url.fragment:
        raise ValueError("must be https://HOST[:PORT]; plain HTTP is never used")
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
    max_rate: Size | None = Field(None, gt=0, description="Bits a second at most, over all uploads.")
    check_etag: bool = Field(default=True, description="Compare the MD5 of each part with the answer's ETag.")
    devices: dict[str, str] = Field(
        default_factory=dict,
        description="Device model id by device: `type` or `type/name`; a device that is not here gets no channel.",
    )
    channels: dict[str, str] = Field(
        default_factory=dict,
        description="Device model id by name, for channels without a device that a route names.",
    )

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
