"""What a clip matched, told to people: what counts, what waits for a person, what lost and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: What stands before the links of a state.
_HEADS = {
    "matched": "matches",
    "ambiguous": "waits for you: pipeline match FILE list",
    "rejected": "rejected by a person",
    "lost": "passed over",
}
_NAMES = ("scene", "slate", "take", "camera", "roll", "device", "day", "names")


def link_lines(links: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """All links of a clip, each with its evidence."""
    for state, head in _HEADS.items():
        these = [link for link in links if link["state"] == state]
        if these:
            yield head
        for link in these:
            yield f"  {_title(link)}"
            if line := evidence(link["evidence"]):
                yield f"    {line}"


def _title(link: Mapping[str, Any]) -> str:
    other = link["name"] or link["other"]
    told = ", ".join(filter(None, (place_of(link), link["recorder"])))
    place = f" on {told}" if told else ""
    why = link["evidence"].get("why") if link["state"] != "matched" else ""
    return f"{link['kind']} {other}{place} ({link['score']:.2f})" + (f": {why}" if why else "")


def place_of(side: Mapping[str, Any]) -> str:
    """Where a file lies, which tells two of one name apart: its card, and its folder there."""
    return "/".join(filter(None, (side["card"], side["folder"])))


def evidence(told: Mapping[str, Any]) -> str:
    """What speaks for or against a match: `overlap 240 frames (100 %), offset +2 frames by clap, same scene`."""
    left = {
        name: value for name, value in told.items() if name != "why" and value not in (None, "", "missing")
    }
    words = [*_clock(left), *_agreement(left)]
    if by := left.pop("by", ""):
        words.append(f"by {'a person' if by == 'person' else by}")
    words += [f"{name.replace('_', ' ')} {_value(value)}" for name, value in left.items()]
    return ", ".join(words)


def _clock(left: dict[str, Any]) -> Iterator[str]:
    """What the timecodes say; takes it out of `left`."""
    frames, share = left.pop("overlap_frames", None), left.pop("overlap_share", None)
    if frames is not None:
        part = f" ({share:.0%} of the shorter)" if isinstance(share, int | float) else ""
        yield f"overlap {frames} frames{part}"
    offset, origin = left.pop("offset_frames", None), left.pop("offset_from", "")
    if offset is not None:
        yield f"offset {offset:+} frames" + (f" ({origin})" if origin else "")
    elif origin:
        yield f"offset from {origin}"
    drift = left.pop("drift_ppm", 0)
    if drift:
        yield f"drift {_value(drift)} ppm"
    apart = left.pop("wall_seconds", None)
    if apart is not None:
        yield f"wall clocks {_value(apart)} s apart"


def _agreement(left: dict[str, Any]) -> Iterator[str]:
    """Which names agree; takes them out of `left`."""
    for word, wanted in (("same", ("same",)), ("other", ("differs", "differ"))):
        names = [name for name in _NAMES if left.get(name) in wanted]
        for name in names:
            del left[name]
        if names:
            yield f"{word} {', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return " + ".join(_value(item) for item in value)
        case Mapping():
            return "(" + ", ".join(f"{name} {_value(item)}" for name, item in value.items()) + ")"
        case _:
            return str(value)
