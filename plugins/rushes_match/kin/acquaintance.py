"""Records that name neither clip nor device: whose they are is known by all that their device said, or not at all.

Cameras of a set roll together, now and then in the same picture, so that one record fits the clips of several by
chance. Only where the records of one device go with one camera, and with no other one as often, is it that camera's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from rushes_match.kin.judging import SURE, Judgement
from rushes_match.kin.portrait import Portrait
from rushes_match.kin.statement import Statement

#: So many recordings that begin in the picture that records tell, and end as they tell, are no chance, and another
#: camera has at most this share.
_ENOUGH, _OTHERS = 3, 0.5
_USUAL = 0.1
#: What a time alone is worth at most: a person decides.
_DOUBT = 0.45
_IDENTITY = ("device", "camera", "roll")


def acquainted(
    judged: Sequence[Judgement], about: Mapping[str, Portrait], told: Mapping[str, Statement]
) -> list[Judgement]:
    """The candidates, those by time alone worth what is known of the device that told them: `device` is "usual" in the
    evidence where all that it said goes with the file's camera; otherwise they are not sure.
    """
    whose = _whose(judged, about, told)
    found = []
    for one in judged:
        if one.by_name or _identified(one):
            found.append(one)
        elif whose.get(told[one.other].device) == _camera(about[one.file]):
            found.append(
                replace(one, score=round(one.score + _USUAL, 4), evidence=one.evidence | {"device": "usual"})
            )
        else:
            found.append(replace(one, score=min(one.score, _DOUBT)))
    return found


def _whose(
    judged: Sequence[Judgement], about: Mapping[str, Portrait], told: Mapping[str, Statement]
) -> dict[str, str]:
    """The camera, recorder or card that each device tells of."""
    named: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    timed: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in judged:
        device, camera = told[one.other].device, _camera(about[one.file])
        if not device or not camera:
            continue
        if one.by_name or _identified(one):
            if one.score >= SURE:
                named[device][camera].add(one.other)
        elif one.together:
            timed[device][camera].add(one.other)
    found: dict[str, str] = {}
    for device in named.keys() | timed.keys():
        cameras = named[device] or timed[device]
        (most, camera), *rest = sorted(((len(said), name) for name, said in cameras.items()), reverse=True)
        enough = 1 if named[device] else _ENOUGH
        if most >= enough and (not rest or rest[0][0] <= _OTHERS * most):
            found[device] = camera
    return found


def _identified(one: Judgement) -> bool:
    return any(one.evidence.get(name) == "same" for name in _IDENTITY)


def _camera(file: Portrait) -> str:
    """What recorded it, as far as it tells; else where it lies."""
    own = file.camera or file.file.text("recorder") or file.file.text("model")
    return f"{file.file.kind} {own or file.file.card or file.file.volume}"
