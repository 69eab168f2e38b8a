"""What FetchClips, DeleteClips and Export ask, as JSON has it; `parse_demand` is what obeys it."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from rushes_masterlockit.formats.form import Form, Maybe
from rushes_masterlockit.formats.happenings import TimeCode


class ClipDemand(Form, frozen=True, kw_only=True):
    """Timecodes are HH:MM:SS:FF, times ms since the epoch; a filter that is missing filters nothing."""

    clips: Maybe[list[str]] = UNSET
    devices: Maybe[list[str]] = UNSET
    timecode_from: Maybe[str | TimeCode] = UNSET
    timecode_to: Maybe[str | TimeCode] = UNSET
    creation_from: Maybe[int] = UNSET
    creation_to: Maybe[int] = UNSET


class ExportConfiguration(Form, frozen=True, kw_only=True):
    """A report into a storage device, or inline where no target is given; `header_data` is any JSON value."""

    target_device_id: Maybe[str | None] = UNSET
    filename: Maybe[str | None] = UNSET
    header_data: Maybe[Any] = UNSET
    demand: Maybe[ClipDemand] = UNSET
