"""Folders made of what is known of a clip: `{project}/{day}/{roll}`, as a type for options and wishes.

    class DiskWishes(Options):
        folder: Template

    folder = wishes.folder.fill(clip, consent=context.order.consent)

A field is a column of a clip (`rushes.columns`) or one of `DERIVED`; `{meta.key}` is what an annotator says beside
the columns; `{scene:-no scene}` stands in where nobody has told it, and `{scene:-}` leaves it out. `{{` and `}}` are
the characters. A sink that calls the option, and the wish of its routes, `folder` has its folders shown by
`pipeline plan` and judged by `pipeline test`.

What is filled in stays one name: separators and what some disk refuses become `_`. `{folder}` alone between two
slashes is the clip's own folders on its card, each made safe.
"""

from rushes.templates.syntax import DERIVED
from rushes.templates.template import MissingField, Template

__all__ = ["DERIVED", "MissingField", "Template"]
