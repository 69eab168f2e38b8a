"""`pipeline masterlockit ...`: the hub of a set: its devices, its reports, a shooting day to play with."""

from rushes_masterlockit.commands.conflicts import conflicts
from rushes_masterlockit.commands.devices import devices
from rushes_masterlockit.commands.export import export
from rushes_masterlockit.commands.group import command
from rushes_masterlockit.commands.hub import hub
from rushes_masterlockit.commands.manage import cjam, delete, remove, rename
from rushes_masterlockit.commands.simulate import simulate

__all__ = [
    "cjam",
    "command",
    "conflicts",
    "delete",
    "devices",
    "export",
    "hub",
    "remove",
    "rename",
    "simulate",
]
