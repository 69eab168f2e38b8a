"""A text as a QR code that a page can show: an SVG, black on white in both of its schemes, as cameras read it."""

from __future__ import annotations

import io

from rushes.errors import RushesError

#: Characters: a link of a service is never this long, and a code of more is too dense for a phone.
LONGEST = 500
#: Light modules around the code, as the standard asks for.
BORDER = 4


def qr_svg(text: str) -> bytes:
    """The SVG document. Raises RushesError where the text is empty or longer than LONGEST."""
    if not 0 < len(text) <= LONGEST:
        raise RushesError(f"a QR code takes 1 to {LONGEST} characters, not {len(text)}")
    import segno  # noqa: PLC0415 - only who pairs needs it

    try:
        code = segno.make(text, error="m", micro=False)
    except (ValueError, UnicodeError) as error:
        raise RushesError("this text does not fit into a QR code") from error
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", border=BORDER, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return drawn.getvalue()
