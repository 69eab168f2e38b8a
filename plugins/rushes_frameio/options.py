"""What users write for a `frameio` sink."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from rushes import Options


class FrameioOptions(Options):
    api_url: str = Field("https://api.frame.io", description="The service; HTTPS only.")
    ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) to trust beside the system's, for a sandbox or a studio's proxy.",
    )
    parts_in_flight: int = Field(4, ge=1, le=16, description="Parts of one clip that are sent at once.")
    check_etag: bool = Field(default=True, description="Compare the MD5 of each part with the answer's ETag.")

    @field_validator("api_url")
    @classmethod
    def _https_only(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme != "https" or not url.hostname or "@" in url.netloc or url.query or url.fragment:
            raise ValueError("api_url must be https://HOST[:PORT]; plain HTTP is never used")
        return value.rstrip("/")
