"""A shooting day, the document `Report`, as what people hand in: text for 80 columns, CSV, HTML."""

from rushes.report.as_csv import as_csv
from rushes.report.as_html import as_html
from rushes.report.as_text import as_text
from rushes.report.naming import FORMATS, MEDIA_TYPES, file_name

__all__ = ["FORMATS", "MEDIA_TYPES", "as_csv", "as_html", "as_text", "file_name"]
