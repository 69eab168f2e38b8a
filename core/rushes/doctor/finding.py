"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rushes.config.pipeline import Pipeline
from rushes.settings import Settings

#: The option that names a file of authorities, by whichever plugin.
CA_FILE = "ca_file"

Verdict = Literal["ok", "warning", "trouble"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`fact` is what is so, `remedy` what a person can do; both one line."""

    check: str
    verdict: Verdict
    fact: str
    remedy: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """What is looked at; without a pipeline only the machine.

    `live` is the status of the pipeline that runs on its state folder, None where none answers. `connect` is whether
    components are opened, which they never are beside one that runs.
    """

    settings: Settings
    pipeline: Pipeline | None = None
    live: Mapping[str, Any] | None = None
    connect: bool = False

    def watched(self) -> list[tuple[str, Path]]:
        """The folders of sources, with the sources' ids."""
        return _folders(self.pipeline.sources) if self.pipeline else []

    def written(self) -> list[tuple[str, Path]]:
        """The folders of sinks, with the sinks' ids."""
        return _folders(self.pipeline.sinks) if self.pipeline else []


def _folders(components: Any) -> list[tuple[str, Path]]:
    return [
        (component.id, value)
        for component in components
        for name in type(component.options).model_fields
        if name != CA_FILE
        and isinstance(value := getattr(component.options, name), Path)
        and not value.is_file()
    ]
