"""The group of verbs."""

from __future__ import annotations

from rushes.commands import ComponentVerbs

VERBS = ComponentVerbs("masterlockit", "The set's MasterLockit hub: devices, reports, timecode.")
#: The group; its verbs are in this folder.
command, verb, ask = VERBS.group, VERBS.verb, VERBS.ask
