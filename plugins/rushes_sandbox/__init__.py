"""A Camera to Cloud service to develop and test against: strict, over HTTPS, on loopback only."""

from rushes_sandbox.book import Settings
from rushes_sandbox.server import Sandbox, open_sandbox

__all__ = ["Sandbox", "Settings", "open_sandbox"]
