"""What people may write for the sink `tus`."""

from typing import Annotated

from pydantic import AfterValidator, Field
from rushes import Options, Secret, Size


def _address(url: str) -> str:
    if not url.startswith(("https://", "http://")) or not url.isprintable() or " " in url:
        raise ValueError("is no web address; write https://HOST/PATH")
    return url


class TusOptions(Options):
    url: Annotated[str, AfterValidator(_address)] = Field(
        description="Where uploads are created, as the server tells its clients."
    )
    token: Secret | None = Field(
        None, description="Sent as `Authorization: Bearer ...`; by reference, as `${TUS_TOKEN}`."
    )
    part_size: Size = Field(
        16 * 1024 * 1024, ge=1024, description="What is sent and reported at once."
    )
