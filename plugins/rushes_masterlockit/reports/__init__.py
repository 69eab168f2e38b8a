"""Reports of what was shot: CSV, JSON, Shot Log, Sound Report, Slate Log."""

from rushes_masterlockit.reports.kinds import KINDS, file_name, make
from rushes_masterlockit.reports.select import Filters, select

__all__ = ["KINDS", "Filters", "file_name", "make", "select"]
