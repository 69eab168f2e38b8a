"""Proxies that a camera or somebody else made, with their originals: by name, timecode and frame count."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from rushes import Link
from rushes.timecode import FLICKS
from rushes_match import names
from rushes_match.items import Decision
from rushes_match.kin.decided import given, last_words, rejection
from rushes_match.kin.files import File, Kinship, Said
from rushes_match.kin.judging import CANDIDATE, Judgement
from rushes_match.kin.order import link_of, told
from rushes_match.kin.portrait import WORTH, Portrait, portrait
from rushes_match.kin.same import same_files
from rushes_match.kin.settling import settle
from rushes_match.kin.shelf import Shelf
from rushes_match.kin.times import SAME_S, apart, day_of

#: Sony C0001S03.MP4, GoPro GL010001.LRV of GX or GH010001, and what people add.
_SONY = re.compile(r"(?P<base>c\d{4}|\w*\d)s\d\d", re.ASCII)
_GOPRO = re.compile(r"gl(?P<base>\d{6})", re.ASCII)
_NAMED = re.compile(r"(?P<base>.+?)_?(?:proxy|prxy|lowres|offline)(?:_\w{1,8})?", re.ASCII)
_FOLDERS = frozenset({"proxy", "proxies", "sub", "offline", "lowres", "low res"})
_EXTENSIONS = frozenset({"lrv", "lrf"})


def is_proxy(file: File) -> bool:
    """Whether its role, extension, name, folder or card says so: a folder that is watched holds folders as cards."""
    return (
        file.role == "proxy"
        or _is_proxy_name(file.filename)
        or _is_proxy_folder(f"{file.card}/{file.path.rpartition('/')[0]}")
    )


@lru_cache(65536)
def _is_proxy_name(filename: str) -> bool:
    name = names.normal(filename)
    extension = filename.rpartition(".")[2].lower()
    return extension in _EXTENSIONS or bool(_NAMED.fullmatch(name) or _GOPRO.fullmatch(name))


@lru_cache(4096)
def _is_proxy_folder(path: str) -> bool:
    return not _FOLDERS.isdisjoint(path.casefold().split("/"))


def proxies(files: Sequence[File], decisions: Sequence[Decision] = ()) -> Kinship:
    """`proxy_of` of each proxy, with links of kind "original" from it and "proxy" to it.

    A proxy is what `is_proxy` says, and a picture with the name, the timecode and the frame count of a larger one.
    An original may have several. Only what is matched has a `proxy_of`. A person's decision about two of a kind
    beats all evidence: of these the proxy is what is marked as one, else the smaller one. The answer does not depend
    on any order.
    """
    media = {file.id: file for file in files if file.kind in ("video", "audio")}
    marked = {id_ for id_, file in media.items() if is_proxy(file)}

    def order_of(one: str, other: str) -> tuple[str, str] | None:
        if one == other or one not in media or other not in media or media[one].kind != media[other].kind:
            return None
        proxy, original = sorted((one, other), key=lambda id_: (id_ not in marked, *_size(media[id_])))
        return proxy, original

    last = last_words(decisions, order_of)
    looked_at = media if marked else {file.id: file for file in _sizes(media.values())}
    looked_at = looked_at | {id_: media[id_] for pair in last for id_ in pair}
    about = {id_: portrait(file) for id_, file in looked_at.items()}
    judged = list(_judged_all(about, marked))
    accepted = {proxy for (proxy, _), yes in last.items() if yes}

    def same_file(one: str, other: str) -> bool:
        # What a person chose for one proxy takes nothing from another of that original.
        return bool({one, other} & accepted) or same_files(about[one], about[other])

    links: dict[str, list[Link]] = defaultdict(list)
    for pair in settle(
        [one for one in judged if (one.file, one.other) not in last],
        same_file=same_file,
        same_other=lambda one, other: same_files(about[one], about[other]),
        given=given(last, judged),
    ):
        links[pair.pair.file].append(link_of(pair, "original"))
        links[pair.pair.other].append(link_of(pair, "proxy", turned=True))
    for (proxy, original), yes in last.items():
        if not yes:
            links[proxy].append(rejection(proxy, original, "original"))
            links[original].append(rejection(original, proxy, "proxy"))
    return {clip: _said(clip, mine) for clip, mine in sorted(links.items())}


def _judged_all(about: Mapping[str, Portrait], marked: Container[str]) -> Iterator[Judgement]:
    """Each file with the originals that it may be a proxy of."""
    originals = Shelf(seen for one, seen in about.items() if one not in marked)
    for one, seen in about.items():
        found = originals.named(seen.squashed | _bases(seen.file), seen.places, seen.file.folder)
        if one in marked:
            if seen.span:
                found |= {other.file.id: other for other in originals.around(seen.span.start)}
            fits = (_judge(seen, other) for other in found.values())
        else:
            fits = (_twin(seen, other) for other in found.values())
        yield from filter(None, fits)


def _size(file: File) -> tuple[int, int, str]:
    width = file.meta.get("width")
    return (width if isinstance(width, int) else 0, file.size, file.id)


def _sizes(files: Iterable[File]) -> Iterator[File]:
    """Those of which there are pictures of several sizes under one name: most files need no second look."""
    named: dict[str, list[File]] = defaultdict(list)
    for file in files:
        named[names.squashed(file.filename)].append(file)
    for group in named.values():
        if len(group) > 1 and len({file.meta.get("width") for file in group}) > 1:
            yield from group


def _said(clip: str, links: list[Link]) -> Said:
    ranked = told(links)
    original = next(
        (link.other for link in ranked if link.kind == "original" and link.state == "matched"), ""
    )
    return Said(clip=clip, values={"proxy_of": original} if original else {}, links=ranked)


def _bases(file: File) -> frozenset[str]:
    """Squashed names that its original may have."""
    name = names.normal(file.filename)
    if found := _GOPRO.fullmatch(name):
        return frozenset(f"{camera}{found['base']}" for camera in ("gx", "gh"))
    return frozenset(
        names.squashed(found["base"]) for pattern in (_NAMED, _SONY) if (found := pattern.fullmatch(name))
    )


def _judge(proxy: Portrait, original: Portrait) -> Judgement | None:
    """How well a marked proxy fits; names alone do where nothing contradicts, all else alone needs the camera."""
    if proxy.file.kind != original.file.kind:
        return None
    named = bool((proxy.squashed | _bases(proxy.file)) & original.squashed or proxy.places & original.places)
    if not named and proxy.places and original.places:
        return None
    evidence: dict[str, Any] = {"by": "name" if named else "timecode"}
    timecode, frames = _timecode(proxy, original), _length(proxy.file, original.file)
    if timecode:
        evidence["timecode"] = timecode
    if frames:
        evidence["frames"] = frames
    if named:
        score = WORTH[original.weight]
        score += {"same": 0.15, "differs": -0.4, "": 0.0}[timecode]
        score += {"same": 0.15, "differs": -0.25, "": 0.0}[frames]
    elif timecode == "same" and frames == "same":
        score = 0.35
        score += 0.2 if {proxy.camera, proxy.reel} & {original.camera, original.reel} - {""} else 0.0
    else:
        return None
    if proxy.file.volume == original.file.volume and _near(proxy.file.path, original.file.path):
        evidence["place"], score = "same folder", score + 0.15
    if day_of(proxy.wall, original.wall) == "moment":
        evidence["day"], score = "moment", score + 0.05
    return _judged(proxy, original, score, evidence)


def _twin(small: Portrait, large: Portrait) -> Judgement | None:
    """A picture that nothing marks as a proxy, beside a larger one of the same name, timecode and frame count."""
    widths = small.file.meta.get("width"), large.file.meta.get("width")
    if not isinstance(widths[0], int) or not isinstance(widths[1], int) or widths[0] >= widths[1]:
        return None
    if _timecode(small, large) != "same" or _length(small.file, large.file) != "same":
        return None
    evidence = {"by": "name", "timecode": "same", "frames": "same", "width": f"{widths[0]} of {widths[1]}"}
    return _judged(small, large, WORTH[large.weight] + 0.2, evidence)


def _judged(proxy: Portrait, original: Portrait, score: float, evidence: dict[str, Any]) -> Judgement | None:
    if score < CANDIDATE or proxy.file.id == original.file.id:
        return None
    return Judgement(proxy.file.id, original.file.id, round(score, 4), evidence["by"] == "name", evidence)


def _timecode(one: Portrait, other: Portrait) -> str:
    if one.span is None or other.span is None:
        return ""
    return "same" if abs(apart(one.span.start, other.span.start)) <= SAME_S else "differs"


def _length(one: File, other: File) -> str:
    """By frames; by real time where one of them tells none or they count at different rates."""
    mine, told = one.meta.get("frames"), other.meta.get("frames")
    if isinstance(mine, int) and isinstance(told, int) and one.text("rate") == other.text("rate"):
        return "same" if mine == told else "differs"
    lengths = one.length, other.length
    if lengths[0] is None or lengths[1] is None:
        return ""
    return "same" if abs(lengths[0] - lengths[1]) <= FLICKS // 10 else "differs"


def _near(proxy: str, original: str) -> bool:
    """Whether one lies in the folder of the other, or in a folder for proxies beside or within it."""
    return _place(proxy) == _place(original)


def _place(path: str) -> tuple[str, ...]:
    """The folders without those that only tell what kind of files they hold."""
    return tuple(_plain(PurePosixPath(path).parts[:-1]))


def _plain(folders: Iterable[str]) -> Iterable[str]:
    return (
        folder
        for folder in folders
        if folder.casefold() not in _FOLDERS | {"clip", "clips", "media", "video"}
    )
