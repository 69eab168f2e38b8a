"""The pipeline as a client of a MasterLockit hub."""

from rushes_masterlockit.client.burials import buried_later
from rushes_masterlockit.client.client import Client, connected
from rushes_masterlockit.client.editing import edited_at_rest
from rushes_masterlockit.client.remote import Remote
from rushes_masterlockit.client.resting import edit_at_rest

__all__ = ["Client", "Remote", "buried_later", "connected", "edit_at_rest", "edited_at_rest"]
