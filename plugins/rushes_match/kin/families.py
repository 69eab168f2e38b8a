"""Files that are one recording: mono files of a take, doubles with another gain, chapters, spans, single frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rushes_match.kin.chapters import chapters
from rushes_match.kin.files import File
from rushes_match.kin.packages import packages
from rushes_match.kin.part import Part
from rushes_match.kin.tracks import tracks


def families(files: Sequence[File]) -> Mapping[str, tuple[str, ...]]:
    """The lead of each recording that has more files than one, with its parts in their order.

    No file is in two families, no lead is a part. The answer does not depend on the order of `files`.
    """
    return {lead: tuple(part.id for part in found) for lead, found in parts(files).items()}


def parts(files: Sequence[File]) -> Mapping[str, tuple[Part, ...]]:
    """The same with what kind of part each is: a lead's own tracks, then each chapter followed by its tracks."""
    packed = packages(files)
    atoms = {part.id for found in packed.values() for part in found}
    sideways = packed | tracks([file for file in files if file.id not in atoms])
    inner = {part.id for found in sideways.values() for part in found}
    onwards = chapters(file for file in files if file.id not in inner)
    continued = {part.id for found in onwards.values() for part in found}
    whole: dict[str, tuple[Part, ...]] = {}
    for lead in sorted((sideways.keys() | onwards.keys()) - continued):
        found = list(sideways.get(lead, ()))
        for chapter in onwards.get(lead, ()):
            found += [chapter, *sideways.get(chapter.id, ())]
        whole[lead] = tuple(found)
    return whole
