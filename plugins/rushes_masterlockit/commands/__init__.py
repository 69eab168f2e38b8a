"""`pipeline masterlockit ...`: the hub of a set: its devices, its reports, a shooting day to play with."""

from rushes_masterlockit.commands.clips import clips
from rushes_masterlockit.commands.conflicts import conflicts
from rushes_masterlockit.commands.devices import devices
from rushes_masterlockit.commands.edit import edit
from rushes_masterlockit.commands.export import export
from rushes_masterlockit.commands.group import command
from rushes_masterlockit.commands.hub import hub
from rushes_masterlockit.commands.manage import cjam, delete, remove, rename
from rushes_masterlockit.commands.simulate import simulate
from rushes_masterlockit.commands.slate import slate

__all__ = [
    "cjam",
    "clips",
    "command",
    "conflicts",
    "delete",
    "devices",
    "edit",
    "export",
    "hub",
    "remove",
    "rename",
    "simulate",
    "slate",
]
