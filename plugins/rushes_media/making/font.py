"""The letters of burnt-in text: a small TrueType font of our own, so that no cart needs one installed.

Every letter is five dots wide and seven high, as on the displays that crews read; the font scales to any size
and is sharpest at multiples of ten pixels. It knows printable ASCII; `folded` writes other Latin text with it.
"""

from __future__ import annotations

import struct
import unicodedata

#: From the space on: seven rows of five dots, each row a base-32 digit, the leftmost dot its highest bit.
_DRAWN = """
0000000 4444404 AAA0000 AAVAVAA 4FKE5U4 OP248J3 CIK8LID 4480000 2488842 8422248 04LEL40 044V440 0000448
000V000 00000CC 01248G0 EHJLPHE 4C4444E EH1248V V2421HE 26AIV22 VGU11HE 68GUHHE V124888 EHHEHHE EHHF12C
0CC0CC0 0CC0448 248G842 00V0V00 G84248G EH12404 EH1DLLE EHHVHHH UHHUHHU EHGGGHE SIHHHIS VGGUGGV VGGUGGG
EHGNHHF HHHVHHH E44444E 72222IC HIKOKIH GGGGGGV HRLLHHH HHPLJHH EHHHHHE UHHUGGG EHHHLID UHHUKIH FGGE11U
V444444 HHHHHHE HHHHHA4 HHHLLLA HHA4AHH HHHA444 V1248GV E88888E 0G84210 E22222E 4AH0000 000000V 8420000
00E1FHF GGMPHHU 00EGGHE 11DJHHF 00EHVGE 698S888 0FHHF1E GGMPHHH 40C444E 20622IC GGIKOKI C44444E 00QLLHH
00MPHHH 00EHHHE 00UHUGG 00DJF11 00MPGGG 00EGE1U 88S8896 00HHHJD 00HHHA4 00HHLLA 00HA4AH 00HHF1E 00V248V
2448442 4444444 8442448 08L2000
"""
LETTERS = tuple(_DRAWN.split())
FIRST = 32
#: Units: an em is ten dots, a letter takes six, its top is eight above the base line.
DOT, EM, ADVANCE, ASCENT, DESCENT = 100, 1000, 600, 800, -200
ON_CURVE = 1
#: The sum of all words of a font file, as the format wants it.
MAGIC_SUM = 0xB1B0AFBA


#: The name of its file.
FILE = "rushes-5x7.ttf"


def is_ours(path: str) -> bool:
    """Whether that is the path of this font."""
    return path.rpartition("/")[2] == FILE


def folded(text: str) -> str:
    """The text in the letters of this font: accents are dropped, what has no Latin letter becomes "?"."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("–", "-"))
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return "".join(each if FIRST <= ord(each) < FIRST + len(LETTERS) else "?" for each in kept)


def font() -> bytes:
    """The font file."""
    shapes = [b"", *map(_glyph, LETTERS)]
    places = [0]
    for shape in shapes:
        places.append(places[-1] + len(shape))
    count = len(shapes)
    tables = {
        b"cmap": _characters(count - 1),
        b"glyf": b"".join(shapes),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            *(0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0b1011, EM, 0, 0),
            *(0, DESCENT, ADVANCE, ASCENT, 0, 8, 2, 1, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh8xhH", 0x00010000, ASCENT, DESCENT, 0, ADVANCE, 0, 0, ADVANCE, 1, 0, 0, 0, 1
        ),
        b"hmtx": struct.pack(f">H{count}h", ADVANCE, *map(_left, shapes)),
        b"loca": struct.pack(f">{count + 1}I", *places),
        b"maxp": struct.pack(">IH13H", 0x00010000, count, 140, 35, 0, 0, 2, *(0,) * 8),
        b"post": struct.pack(">IIhhI16x", 0x00030000, 0, -DOT, DOT, 1),
    }
    return _file(tables)


def _glyph(rows: str) -> bytes:
    """The outline of a letter: one rectangle for each run of dots in a row."""
    corners: list[tuple[int, int]] = []
    for row, digit in enumerate(rows):
        bottom = (len(rows) - row) * DOT
        dots = f"{int(digit, 32):05b}"
        start = 0
        while (left := dots.find("1", start)) >= 0:
            start = end if (end := dots.find("0", left)) >= 0 else len(dots)
            x, right, top = left * DOT, start * DOT, bottom + DOT
            corners += [(x, bottom), (x, top), (right, top), (right, bottom)]
    if not corners:
        return b""
    across, along = zip(*corners, strict=True)
    ends = range(3, len(corners), 4)
    parts = [
        struct.pack(">hhhhh", len(ends), min(across), min(along), max(across), max(along)),
        struct.pack(f">{len(ends)}HH", *ends, 0),
        bytes([ON_CURVE] * len(corners)),
        *(struct.pack(f">{len(line)}h", *_steps(line)) for line in (across, along)),
    ]
    return _padded(b"".join(parts))


def _left(glyph: bytes) -> int:
    """Where its leftmost dot stands, which is where a renderer puts it."""
    return int.from_bytes(glyph[2:4], "big") if glyph else 0


def _steps(line: tuple[int, ...]) -> list[int]:
    return [after - before for before, after in zip((0, *line), line, strict=False)]


def _characters(count: int) -> bytes:
    """Which letter is which character: one run, and the end mark that the format wants (cmap, format 4)."""
    last = FIRST + count - 1
    runs = struct.pack(">HHHHHHHHHHHH", 4, 4, 1, 0, last, 0xFFFF, 0, FIRST, 0xFFFF, 0x10000 + 1 - FIRST, 1, 0)
    body = runs + struct.pack(">H", 0)
    return struct.pack(">HHHHIHHH", 0, 1, 3, 1, 12, 4, len(body) + 6, 0) + body


def _file(tables: dict[bytes, bytes]) -> bytes:
    """Tables with their directory and sums."""
    power = len(tables).bit_length() - 1
    head = struct.pack(
        ">IHHHH", 0x00010000, len(tables), 16 << power, power, (len(tables) - (1 << power)) * 16
    )
    place = len(head) + 16 * len(tables)
    directory, bodies = [], []
    for name, table in sorted(tables.items()):
        body = _padded(table)
        directory.append(struct.pack(">4sIII", name, _sum(body), place, len(table)))
        bodies.append(body)
        place += len(body)
    whole = b"".join([head, *directory, *bodies])
    adjust = whole.index(tables[b"head"]) + 8
    return whole[:adjust] + struct.pack(">I", (MAGIC_SUM - _sum(whole)) % 2**32) + whole[adjust + 4 :]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _sum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}I", data)
    return sum(words) % 2**32
