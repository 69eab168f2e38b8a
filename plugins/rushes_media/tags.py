"""Container and stream tags to columns: many spellings in, our names out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rushes import Scalar

#: Our name: the tags that mean it, in lower case, best first.
TAGS: Mapping[str, tuple[str, ...]] = {
    "reel": ("reel_name", "reel", "tape", "com.apple.proapps.reel"),
    "scene": ("scene", "com.apple.proapps.scene"),
    "slate": ("slate",),
    "take": ("take",),
    "camera": ("camera", "com.apple.proapps.cameraname"),
    "project": ("project", "project_name"),
    "note": ("note", "comment"),
    "make": ("make", "com.apple.quicktime.make"),
    "model": ("model", "com.apple.quicktime.model"),
    "firmware": ("firmware",),
    "company_name": ("company_name",),
    "product_name": ("product_name",),
    "material_umid": ("material_package_umid",),
}
_FLAGS: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read(tags: Mapping[str, str]) -> dict[str, Scalar]:
    """What the tags of a file say; an empty tag says nothing."""
    lower = {name.lower(): value.strip() for name, value in tags.items()}
    values: dict[str, Scalar] = {}
    for name, spellings in TAGS.items():
        if told := next((lower[spelling] for spelling in spellings if lower.get(spelling)), ""):
            values[name] = told
    circled = flag(lower.get("circled", ""))
    if circled is not None:
        values["circled"] = circled
    created = moment(lower.get("creation_time", ""))
    if created is not None:
        values["created"] = created
    return values


def flag(text: str) -> bool | None:
    """A yes or no as devices write it; None for anything else."""
    return _FLAGS.get(text.strip().lower())


def moment(text: str) -> datetime | None:
    """A creation time in UTC; None where a camera without a clock wrote the epoch of its container."""
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    return told if told.year > 1970 else None
