"""What the tests of the pipeline file share: a registry of plain components and a way to write a file."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from rushes import ConfigError, Options, Secret, Spec, hookimpl
from rushes.config.types import Duration, Size
from rushes.registry import Registry


class FolderOptions(Options):
    path: Path
    settle: Duration = 2.0
    include: tuple[str, ...] = ()
    mode: Literal["auto", "events", "poll"] = "auto"


class LineOptions(Options):
    text: str


class ProxyOptions(Options):
    height: int = Field(1080, ge=16)
    bitrate: Size = 6_000_000
    line: LineOptions | None = None

    @field_validator("height")
    @classmethod
    def _even(cls, height):
        if height % 2:
            raise ValueError("is odd; write an even number")
        return height


class CloudOptions(Options):
    url: str = "https://example.com"
    ca_file: Path | None = None
    others: list[Path] = Field(default_factory=list)
    by_name: dict[str, Path] = Field(default_factory=dict)
    checked: bool = True
    token: Annotated[str, Field(pattern="^[a-z]*$")] = ""


class CloudWishes(Options):
    channel: str
    secret: Secret | None = None
    odd: Annotated[Any, AfterValidator(lambda value: object() if value else None)] = None


class Signer(Options):
    key: Secret | None = None


class HookOptions(Options):
    url: str
    secret: Secret | None = None
    headers: dict[str, Secret] = Field(default_factory=dict)
    old: tuple[Secret, ...] = ()
    signer: Signer | None = None


def agree(options, wishes):
    if not options.checked and wishes.channel == "checked":
        raise ConfigError("no channel 'checked' where checked is false; name another")


@asynccontextmanager
async def nothing(_options, _context):
    yield None


def spec(name, config=Options, **more):
    return Spec(name=name, summary=f"{name} of the tests", config=config, open=nothing, **more)


class Components:
    @hookimpl
    def rushes_sources(self):
        return [spec("folder", FolderOptions)]

    @hookimpl
    def rushes_annotators(self):
        return [spec("probe"), spec("match", after=("probe",))]

    @hookimpl
    def rushes_transforms(self):
        return [spec("proxy", ProxyOptions), spec("rewrap", live=True)]

    @hookimpl
    def rushes_sinks(self):
        return [spec("cloud", CloudOptions, slots=3, wishes=CloudWishes, agree=agree), spec("disk")]

    @hookimpl
    def rushes_observers(self):
        return [spec("webhook", HookOptions)]


def registry():
    made = Registry.load(external=False)
    made.register("components", Components())
    return made


GOOD = """\
pipeline: onset
state: ./state/onset
sources:
  - {id: cards, use: folder, path: "${CARDS:-cards}", settle: 500ms}
prepare: [probe, {use: match, slots: 2}]
sinks:
  - {id: cloud, use: cloud}
routes:
  - id: dailies
    when: kind = 'video' and role = 'original' and not coalesce(waste, false)
    steps: [{use: proxy, height: 720, bitrate: 6M}, proxy]
    to: [cloud]
    priority: 100
  - {id: sound, when: kind = 'audio', to: [cloud], auto: false}
"""
