"""A link as a QR code, drawn with half blocks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import click

#: Light modules around the code, as the standard asks for.
BORDER = 4
#: By whether the upper and the lower module of a character are dark.
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
#: Black on white, whatever the terminal's colours are.
_COLOURS, _RESET = "\x1b[38;5;16;48;5;231m", "\x1b[0m"


def qr_lines(text: str) -> Sequence[str]:
    """Lines of equal length; a dark module is half a character of ink."""
    import segno  # noqa: PLC0415 - only what is for a tablet or a phone needs it

    rows = [
        [bool(module) for module in row]
        for row in segno.make(text, error="l", micro=False).matrix_iter(border=BORDER)
    ]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_BLOCKS[both] for both in zip(*pair, strict=True)) for pair in pairs]


def qr_on_terminal(text: str) -> None:
    """Draw it on stdout, where that is a terminal that is large enough and knows the characters."""
    if not sys.stdout.isatty():
        return
    lines = qr_lines(text)
    size = shutil.get_terminal_size()
    if size.columns < len(lines[0]) or size.lines < len(lines) or not _encodes(sys.stdout.encoding):
        return
    for line in lines:
        click.echo(f"{_COLOURS}{line}{_RESET}", color=True)


def _encodes(encoding: str) -> bool:
    try:
        "".join(_BLOCKS.values()).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
