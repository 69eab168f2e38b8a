"""The pipeline as a client of a MasterLockit hub."""

from rushes_masterlockit.client.client import Client, connected
from rushes_masterlockit.client.remote import Remote

__all__ = ["Client", "Remote", "connected"]
