"""Reports of what was shot: CSV, JSON, Shot Log, Sound Report, Slate Log."""

from rushes_masterlockit.reports.kinds import KINDS, file_name, make
from rushes_masterlockit.reports.listing import clip_line
from rushes_masterlockit.reports.select import Filters, called, select

__all__ = ["KINDS", "Filters", "called", "clip_line", "file_name", "make", "select"]
