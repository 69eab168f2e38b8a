"""The server: devices connect to it, and hear of each other."""

from rushes_masterlockit.hub.hub import Hub

__all__ = ["Hub"]
