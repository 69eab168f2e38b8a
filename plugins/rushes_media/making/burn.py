"""Text in the picture: timecode at the bottom, name and a text of one's own at the top, by ffmpeg's drawtext.

The label of each picture is computed from its number, exactly, so that it holds through midnight, drop frame and
pictures that come faster than their timecode counts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rushes.timecode import Rate, Timecode
from rushes_media.making import material
from rushes_media.making.font import ADVANCE, EM, folded
from rushes_media.making.form import Burn

#: White that is not glaring: the light of a bright sheet of paper, where a curve reaches far above it.
WHITE = {material.PQ: "0x949494", material.HLG: "0xBFBFBF"}
#: Lines of picture for each dot of a letter: at 1080 lines a letter is 42 high.
LINES_PER_DOT = 180
#: Dots of an em, see `rushes_media.making.font`.
DOTS = 10


def burnt(
    stream: Any, burn: Burn, *, name: str, counter: str, size: tuple[int, int], transfer: int, own: bool
) -> Any:
    """The stream with text in it. `counter` is from `counting`, "" where there is no timecode.

    `own` tells that the font is ours, which knows Latin letters only and as wide as each other.
    """
    width, height = size
    look = {
        "fontfile": burn.font,
        "fontcolor": WHITE.get(transfer, "white"),
        "box": 1,
        "boxcolor": "black@0.5",
    }
    dot = max(1, round(height / LINES_PER_DOT))
    edge = 3 * dot

    def draw(under: Any, text: str, x: str, y: str, letters: int, share: float, **options: Any) -> Any:
        room = int(width * share) * EM // (max(1, letters) * ADVANCE)
        return under.filter(
            "drawtext",
            text=text,
            x=x,
            y=y,
            fontsize=max(DOTS // 2, min(DOTS * dot, room)),
            boxborderw=dot,
            **look,
            **options,
        )

    if burn.timecode and counter:
        y = f"h-{edge}-lh" if not own else f"h-{edge + 8 * dot}"
        stream = draw(stream, counter, "(w-tw)/2", y, 11, 0.9)
    for text, x in ((name if burn.name else "", str(edge)), (burn.text, f"w-tw-{edge}")):
        if text:
            shown = folded(text) if own else text
            stream = draw(stream, shown, x, str(edge), len(shown), 0.45, expansion="none")
    return stream


def counting(label: str, rate: str, pictures: Fraction) -> str:
    """A text for drawtext that counts from `label` at `rate`; `pictures` is how many come in a second."""
    counts = Rate.parse(rate)
    start = Timecode.parse(label, counts).frames
    step = counts.exact / pictures
    # The hundredth keeps a product such as 0.04 * 25 from falling just below a whole number.
    number = "n" if step == 1 else f"floor(n*{step.numerator}/{step.denominator}+0.01)"
    base, dropped = counts.nominal, counts.dropped
    count = f"st(0,mod({start}+{number},{counts.frames_per_day}))"
    if dropped:
        minute = base * 60 - dropped
        ten = minute * 10 + dropped
        count += (
            f";st(0,ld(0)+{dropped}*(9*floor(ld(0)/{ten})+"
            f"max(0,floor((mod(ld(0),{ten})-{dropped})/{minute}))))"
        )
    fields = (
        f"floor(ld(0)/{3600 * base})",
        f"mod(floor(ld(0)/{60 * base}),60)",
        f"mod(floor(ld(0)/{base}),60)",
        f"mod(ld(0),{base})",
    )
    hours, minutes, seconds, frames = (f"%{{eif:{count};{field}:d:2}}" for field in fields)
    mark = ";" if dropped else r"\:"
    return rf"{hours}\:{minutes}\:{seconds}{mark}{frames}"
