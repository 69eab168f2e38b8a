"""The media types of what is sent: the create call and every part name them alike.

By this table alone: the tables of systems differ from machine to machine, and the type is part of a part's
signature. What has no registered type keeps the one that is in use, or none: Frame.io goes by the extension.
"""

from __future__ import annotations

from rushes import Clip

UNKNOWN = "application/octet-stream"

#: Extensions by media type.
KINDS: dict[str, tuple[str, ...]] = {
    # Pictures that move. What GoPro, Insta360 and DJI call .360, .insv, .lrv and .lrf are MP4 files.
    "video/mp4": ("mp4", "360", "insv", "lrf", "lrv"),
    "video/quicktime": ("mov", "qt"),
    "application/mxf": ("mxf",),
    "video/3gpp": ("3gp",),
    "video/mp2t": ("m2t", "m2ts", "mts", "ts"),
    "video/mpeg": ("m2v", "mpeg", "mpg"),
    "video/webm": ("webm",),
    "video/x-m4v": ("m4v",),
    "video/x-matroska": ("mkv",),
    "video/x-ms-wmv": ("wmv",),
    "video/x-msvideo": ("avi",),
    # Sound.
    "audio/aac": ("aac",),
    "audio/ac3": ("ac3",),
    "audio/aiff": ("aif", "aifc", "aiff"),
    "audio/flac": ("flac",),
    "audio/mp4": ("m4a",),
    "audio/mpeg": ("mp3",),
    "audio/ogg": ("ogg", "opus"),
    "audio/wav": ("bwf", "rf64", "wav", "wave"),
    "audio/x-caf": ("caf",),
    "audio/x-w64": ("w64",),
    # Stills.
    "image/avif": ("avif",),
    "image/bmp": ("bmp",),
    "image/gif": ("gif",),
    "image/heic": ("heic",),
    "image/heif": ("heif", "hif"),
    "image/jpeg": ("jpeg", "jpg", "thm"),
    "image/jxl": ("jxl",),
    "image/png": ("png",),
    "image/tiff": ("tif", "tiff"),
    "image/vnd.adobe.photoshop": ("psd",),
    "image/webp": ("webp",),
    # Raw stills and sequences.
    "image/dpx": ("dpx",),
    "image/x-adobe-dng": ("dng",),
    "image/x-canon-cr2": ("cr2",),
    "image/x-canon-cr3": ("cr3",),
    "image/x-exr": ("exr",),
    "image/x-fuji-raf": ("raf",),
    "image/x-hasselblad-3fr": ("3fr",),
    "image/x-hasselblad-fff": ("fff",),
    "image/x-nikon-nef": ("nef",),
    "image/x-olympus-orf": ("orf",),
    "image/x-panasonic-rw2": ("rw2",),
    "image/x-pentax-pef": ("pef",),
    "image/x-phaseone-iiq": ("iiq",),
    "image/x-sony-arw": ("arw",),
    # Camera raw has no types of its own.
    UNKNOWN: ("ari", "arx", "braw", "cine", "crm", "krw", "mlv", "nev", "ocn", "r3d", "rmf"),
    # Looks, lists and reports.
    "application/json": ("json", "otio"),
    "application/pdf": ("pdf",),
    "application/rdf+xml": ("xmp",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/x-subrip": ("srt",),
    "application/xml": ("cc", "ccc", "cdl", "fcpxml", "fdx", "look", "mhl", "rmd", "xml"),
    "application/zip": ("zip",),
    "text/csv": ("csv",),
    "text/html": ("htm", "html"),
    "text/markdown": ("md",),
    "text/plain": ("3dl", "ale", "cube", "edl", "log", "txt"),
    "text/tab-separated-values": ("tsv",),
    "text/vtt": ("vtt",),
}

TYPES = {extension: kind for kind, extensions in KINDS.items() for extension in extensions}


def filetype(clip: Clip) -> str:
    """The clip's media type, by its extension."""
    return TYPES.get(clip.extension, UNKNOWN)
