"""What users write for a `masterlockit` source. Letters such as A5 are the reference's ambiguities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from rushes import ConfigError, Duration, Options, Size
from rushes.timecode import Rate
from rushes_masterlockit.credentials import read_credentials
from rushes_masterlockit.protocol.codes import MOST_AFTER, ByteOrder, DigestSpan

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:\[\]]*):(?P<port>\d{1,5})", re.ASCII)


def split_address(value: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, `[::1]:PORT` or `:PORT` (loopback); ValueError says what to write."""
    match = _ADDRESS.fullmatch(value.strip())
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"'{value}' is not HOST:PORT; write 127.0.0.1:42000 or [::1]:42000")
    return match["host"].strip("[]") or "127.0.0.1", int(match["port"])


class MasterlockitOptions(Options):
    """A MasterLockit hub to follow (`host`), or one to be (`listen`)."""

    host: Annotated[str | None, Field(description="the hub's name or address on the set's network")] = None
    port: Annotated[int, Field(ge=1, le=65535, description="the hub's port")] = 42000
    listen: Annotated[
        str | None,
        Field(description="be the hub: HOST:PORT that devices connect to; port 0 takes a free one"),
    ] = None
    alias: Annotated[str, Field(description="our name on the set; empty: this machine's")] = ""
    project_rate: Annotated[
        str | None,
        Field(description="timecode rate of the project; else what the set's own generator says"),
    ] = None
    storage: Annotated[bool, Field(description="announce this cart as a storage device of the set")] = False
    send_back: Annotated[
        bool, Field(description="give the hub clips that it lacks or of which ours is newer")
    ] = False
    exports: Annotated[
        Path | None, Field(description="as a hub: folder of its own storage, for reports that devices order")
    ] = None
    auth: Annotated[
        Literal["required", "accept_any"],
        Field(description="as a hub: whether key and signature are checked"),
    ] = "required"
    delete_vs_edit: Annotated[
        Literal["edit", "delete"], Field(description="what stands when a deletion meets a parallel edit")
    ] = "edit"
    delete_all: Annotated[
        bool, Field(description="as a hub: whether a deletion without any filter is obeyed")
    ] = False
    lens_fetch: Annotated[bool, Field(description="as a hub: answer FetchLensData (a private form, A12)")] = (
        False
    )
    byte_order: Annotated[ByteOrder, Field(description="of integers (A1); as a hub auto speaks little")] = (
        ByteOrder.AUTO
    )
    ack_digest: Annotated[DigestSpan, Field(description="what our acknowledgements are a digest of (A5)")] = (
        DigestSpan.FULL
    )
    ack_accept: Annotated[
        Literal["any", "strict"],
        Field(description="whether the other spelling of a digest is understood (A5)"),
    ] = "any"
    secret_encoding: Annotated[
        Literal["raw", "hex", "base64"],
        Field(description="how RUSHES_MASTERLOCKIT_API_SECRET is written (A4)"),
    ] = "raw"  # noqa: S105 - the name of an encoding
    device_ids: Annotated[
        Literal["hex", "decimal"], Field(description="how device ids are written in JSON (A13)")
    ] = "hex"
    zero_id: Annotated[
        Literal["wildcard", "error"],
        Field(description="as a hub: what device id 0 means in a subscription (A11)"),
    ] = "wildcard"
    range_zero: Annotated[
        Literal["all", "none"], Field(description="as a hub: what a range of length 0 means (A8)")
    ] = "all"
    ping_interval: Annotated[Duration, Field(gt=0, description="silence after which a hub asks")] = 5.0
    ping_timeout: Annotated[Duration, Field(gt=0, description="how long any answer may take")] = 10.0
    ping_misses: Annotated[int, Field(ge=1, description="unanswered questions until a peer is lost")] = 2
    max_message: Annotated[Size, Field(ge=64 * 1024, description="the largest message, either way (A17)")] = (
        MOST_AFTER
    )

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if (self.host is None) == (self.listen is None):
            raise ValueError("give either host (a hub to follow) or listen (be the hub)")
        return self

    @field_validator("host")
    @classmethod
    def _a_host(cls, value: str | None) -> str | None:
        if value is None:
            return None
        host = value.strip().removeprefix("[").removesuffix("]")
        if not host or any(letter.isspace() for letter in host):
            raise ValueError(f"'{value}' is no host; write its name or address")
        if ":" in host and not _is_address(host):
            raise ValueError(
                f"'{value}' is no host; write its name or address alone, and its port as port: 42000"
            )
        return host

    @field_validator("listen")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None:
            split_address(value)
        return value

    @field_validator("project_rate", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        """25 and 29.97 are numbers to YAML; a rate is what they look like."""
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("project_rate")
    @classmethod
    def _a_rate(cls, value: str | None) -> str | None:
        return None if value is None else Rate.parse(value).name


def addresses(options: MasterlockitOptions) -> Sequence[str]:
    """The hub to follow, if it is not to be one."""
    if options.host is None:
        return ()
    host = f"[{options.host}]" if ":" in options.host else options.host
    return (f"tcp://{host}:{options.port}",)


def notes(options: MasterlockitOptions) -> Sequence[str]:
    """For `check`: raises ConfigError where the key cannot be used, warns of what the protocol does not protect."""
    if options.listen is None:
        read_credentials(options.secret_encoding)
        return ()
    if options.auth == "required":
        read_credentials(options.secret_encoding)
    if options.exports is not None and not options.exports.is_dir():
        raise ConfigError(f"exports: {options.exports} is no folder; make it or correct the path")
    return warnings(options)


def warnings(options: MasterlockitOptions) -> Sequence[str]:
    """What a hub of these options does not protect."""
    if options.listen is None:
        return ()
    told = []
    if options.auth == "accept_any":
        told.append("auth is accept_any: whoever reaches this address may read and change what was shot")
    host, _ = split_address(options.listen)
    if not _loopback(host):
        told.append(f"listens on {host}: the protocol is not encrypted; use a network of the set's own")
    return told


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
