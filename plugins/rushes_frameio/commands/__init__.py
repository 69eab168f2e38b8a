"""`pipeline frameio ...`: connect this machine to a Frame.io project."""

from rushes_frameio.commands.choose import accounts, connect, projects
from rushes_frameio.commands.group import command
from rushes_frameio.commands.leave import disconnect, logout
from rushes_frameio.commands.limit import limit
from rushes_frameio.commands.login import login
from rushes_frameio.commands.pair import pair
from rushes_frameio.commands.whoami import whoami

__all__ = [
    "accounts",
    "command",
    "connect",
    "disconnect",
    "limit",
    "login",
    "logout",
    "pair",
    "projects",
    "whoami",
]
