"""Picture and sound of one recording in files of their own: OP-Atom, as P2 cards and editors keep it (SMPTE 390M)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rushes_match.kin.files import File
from rushes_match.kin.part import Part
from rushes_match.names import normal


def packages(files: Sequence[File]) -> dict[str, tuple[Part, ...]]:
    """Pictures, each with the sound files of the same material package on the same volume.

    More than one picture of a package are copies or proxies: whose the sound is, is not known then.
    """
    told: dict[tuple[str, str, str], list[File]] = defaultdict(list)
    for file in files:
        if file.kind in ("video", "audio") and (umid := file.text("material_umid").casefold()):
            told[file.volume, file.role, umid].append(file)
    found: dict[str, tuple[Part, ...]] = {}
    for group in told.values():
        pictures = [file for file in group if file.kind == "video"]
        sounds = sorted(
            (file for file in group if file.kind == "audio"),
            key=lambda file: (normal(file.filename), file.path, file.id),
        )
        if len(pictures) == 1 and sounds:
            found[pictures[0].id] = tuple(Part(file.id, "track") for file in sounds)
    return found
