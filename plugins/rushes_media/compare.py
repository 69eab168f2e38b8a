"""Is a proxy the same recording as its original? A pure comparison of two looks."""

from __future__ import annotations

from collections.abc import Mapping

from rushes_media import label
from rushes_media.facts import Facts

#: AAC pads its last block and a container rounds: a proxy may be this many frames longer or shorter in time.
SLACK_FRAMES = 1.5


def difference(original: Facts, proxy: Facts, *, tags: Mapping[str, str]) -> str:
    """The first thing that differs, as "frames 240 != 241"; "" when the proxy is the same recording.

    `tags` are those the proxy must carry, the reel among them. Pictures are compared as counted where they
    were counted, else as the container tells.
    """
    for what, told, made in (
        ("problem", "", proxy.problem),
        ("codec", "h264", proxy.values.get("codec")),
        ("frames", _frames(original), _frames(proxy)),
        ("rate", _rate(original, proxy), proxy.values.get("rate")),
        ("timecode", original.values.get("timecode"), proxy.values.get("timecode")),
        ("timecode rate", original.values.get("timecode_rate"), proxy.values.get("timecode_rate")),
        ("sound channels", sum(original.sound.values()), sum(proxy.sound.values())),
        *((name, told, _tag(proxy, name)) for name, told in tags.items()),
    ):
        if told != made:
            return f"{what} {_shown(told)} != {_shown(made)}"
    if "frames" not in original.values:
        return ""  # nor does such a container (MKV) tell how long its picture is; rate and count agree
    told, made = (float(str(facts.values.get("duration", 0))) for facts in (original, proxy))
    if abs(told - made) > SLACK_FRAMES / max(1.0, float(str(proxy.values.get("rate", 25)))):
        return f"duration {told:.3f} s != {made:.3f} s"
    return ""


def _tag(facts: Facts, name: str) -> str | None:
    value = facts.values.get(name)
    return None if value is None else str(value)


def _frames(facts: Facts) -> object:
    return facts.values.get("frames") if facts.packets is None else facts.packets


def _rate(original: Facts, proxy: Facts) -> object:
    """The original's rate; the proxy's where neither is constant and both are within a hundredth."""
    told, made = (str(facts.values.get("rate", "")) for facts in (original, proxy))
    if told and made and not any(label.named(rate) for rate in (told, made)):
        return made if abs(float(told) / float(made) - 1) < 0.01 else told
    return original.values.get("rate")


def _shown(value: object) -> str:
    return "none" if value in {None, ""} else str(value)
