"""Everything that is said in JSON or packed (section 3 of the seed), pure: bytes and values in, values out."""

from rushes_masterlockit.formats.changing import changes
from rushes_masterlockit.formats.clips import (
    Camera,
    CastMember,
    Clip,
    ClipLabel,
    ClipLog,
    ClipVersion,
    SoundClip,
    SoundRecorder,
    Track,
    VideoClip,
)
from rushes_masterlockit.formats.demand import Demand, clip_key, parse_demand
from rushes_masterlockit.formats.devices import TYPE_NAMES, device_id, device_key, device_text
from rushes_masterlockit.formats.errors import FormatError
from rushes_masterlockit.formats.facts import Facts, facts
from rushes_masterlockit.formats.form import Form, builtins, read, write
from rushes_masterlockit.formats.happenings import ClapEvent, SlateInfo, TimeCode
from rushes_masterlockit.formats.labels import label, seconds_frames, spoken
from rushes_masterlockit.formats.lens import LensData
from rushes_masterlockit.formats.meta import merge_meta, write_meta
from rushes_masterlockit.formats.metadata import (
    CommonMeta,
    DeviceMeta,
    GeneratorDevice,
    LensVendor,
    LockitVendor,
    StorageDevice,
)
from rushes_masterlockit.formats.production import (
    Customer,
    Episode,
    ProductionNumber,
    Project,
    ProjectDay,
    Scene,
    Slate,
    SplitTime,
    StoryDay,
    Take,
)
from rushes_masterlockit.formats.rates import clip_rate, fps_name
from rushes_masterlockit.formats.requests import ClipDemand, ExportConfiguration
from rushes_masterlockit.formats.script import (
    MarkedLine,
    ScriptChange,
    ScriptLine,
    ScriptParagraph,
    ScriptParagraphElement,
)
from rushes_masterlockit.formats.strict import strict

__all__ = [
    "TYPE_NAMES",
    "Camera",
    "CastMember",
    "ClapEvent",
    "Clip",
    "ClipDemand",
    "ClipLabel",
    "ClipLog",
    "ClipVersion",
    "CommonMeta",
    "Customer",
    "Demand",
    "DeviceMeta",
    "Episode",
    "ExportConfiguration",
    "Facts",
    "Form",
    "FormatError",
    "GeneratorDevice",
    "LensData",
    "LensVendor",
    "LockitVendor",
    "MarkedLine",
    "ProductionNumber",
    "Project",
    "ProjectDay",
    "Scene",
    "ScriptChange",
    "ScriptLine",
    "ScriptParagraph",
    "ScriptParagraphElement",
    "Slate",
    "SlateInfo",
    "SoundClip",
    "SoundRecorder",
    "SplitTime",
    "StorageDevice",
    "StoryDay",
    "Take",
    "TimeCode",
    "Track",
    "VideoClip",
    "builtins",
    "changes",
    "clip_key",
    "clip_rate",
    "device_id",
    "device_key",
    "device_text",
    "facts",
    "fps_name",
    "label",
    "merge_meta",
    "parse_demand",
    "read",
    "seconds_frames",
    "spoken",
    "strict",
    "write",
    "write_meta",
]
