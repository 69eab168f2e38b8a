"""What belongs together beside picture and sound: parts of a recording, records, sidecars, proxies. Pure."""

from rushes_match.kin.candidates import Wanted, wanted
from rushes_match.kin.families import families, parts
from rushes_match.kin.files import File, Kinship, Said
from rushes_match.kin.part import Part, PartKind
from rushes_match.kin.proxies import proxies
from rushes_match.kin.records import records
from rushes_match.kin.sidecars import sidecars

__all__ = [
    "File",
    "Kinship",
    "Part",
    "PartKind",
    "Said",
    "Wanted",
    "families",
    "parts",
    "proxies",
    "records",
    "sidecars",
    "wanted",
]
