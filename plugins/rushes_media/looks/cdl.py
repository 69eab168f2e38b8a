"""ASC CDL: a correction (.cc), a collection (.ccc) or a list of decisions (.cdl), version 1.01 and 1.2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from rushes_media.looks.values import Correction, Look, Triple
from rushes_media.words import markup, text

ROOTS = frozenset({"ColorDecisionList", "ColorCorrectionCollection", "ColorCorrection", "ColorDecision"})
MOST_CORRECTIONS = 20_000
#: The element, how many numbers, and the least that makes sense (ASC CDL 1.2, section 4).
_PARTS: Mapping[str, tuple[int, float]] = {
    "Slope": (3, 0.0),
    "Offset": (3, -math.inf),
    "Power": (3, 0.0),
    "Saturation": (1, 0.0),
}


class _BadError(Exception):
    pass


def read(content: bytes) -> Look:
    """The corrections in a file, in its order; those before the first that is wrong, and what is wrong with it."""
    root, problem = markup.parse(content)
    if root is None or root.name not in ROOTS:
        return Look(kind="cdl", problem=problem or "not a CDL: no ColorCorrection in it")
    title = next((text.line(one.text) for one in root.children if one.name == "Description"), "")
    corrections: list[Correction] = []
    try:
        for one in _corrections(root):
            corrections.append(one)
            if len(corrections) > MOST_CORRECTIONS:
                raise _BadError(f"holds more than {MOST_CORRECTIONS} corrections")
    except _BadError as bad:
        problem = problem or str(bad)
    if not problem and not corrections:
        problem = "not a CDL: no ColorCorrection in it"
    return Look(kind="cdl", title=title, corrections=tuple(corrections), problem=problem)


def _corrections(root: markup.Element) -> Iterator[Correction]:
    by_id = {one.attributes.get("id", ""): one for one in root.all("ColorCorrection")}
    for parent in root.walk():
        if parent.name == "ColorDecision":
            media = parent.first("MediaRef")
            place = "" if media is None else text.line(media.attributes.get("ref", ""))
            for reference in parent.all("ColorCorrectionRef"):
                name = reference.attributes.get("ref", "")
                if name not in by_id:
                    raise _BadError(f"refers to correction {text.line(name)[:40]!r}, which is not in it")
                yield _correction(by_id[name], place)
            yield from (_correction(one, place) for one in parent.children if one.name == "ColorCorrection")
        elif parent.name in {"ColorCorrectionCollection", "ColorDecisionList"}:
            yield from (_correction(one, "") for one in parent.children if one.name == "ColorCorrection")
    if root.name == "ColorCorrection":
        yield _correction(root, "")


def _correction(one: markup.Element, media: str) -> Correction:
    name = text.line(one.attributes.get("id", ""))
    told = {part: _numbers(found, part, name) for part in _PARTS if (found := one.first(part)) is not None}
    return Correction(
        id=name,
        media=media,
        slope=_triple(told.get("Slope"), 1.0),
        offset=_triple(told.get("Offset"), 0.0),
        power=_triple(told.get("Power"), 1.0),
        saturation=told.get("Saturation", [1.0])[0],
    )


def _numbers(one: markup.Element, part: str, name: str) -> list[float]:
    count, least = _PARTS[part]
    what = f"correction {name[:40]!r}: {part}" if name else part
    words = one.text.replace(",", " ").split()
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise _BadError(f"{what} is {count} numbers, not {text.line(one.text)[:40]!r}") from None
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise _BadError(f"{what} is {count} numbers, not {text.line(one.text)[:40]!r}")
    if min(numbers) < least or (part == "Power" and min(numbers) == 0):
        raise _BadError(f"{what} cannot be {min(numbers):g}")
    return numbers


def _triple(numbers: list[float] | None, default: float) -> Triple:
    return (default,) * 3 if numbers is None else (numbers[0], numbers[1], numbers[2])
