"""A day as one HTML file that needs nothing else: no script, no picture, printable on A4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from rushes.report.harmless import line
from rushes.report.telling import (
    Report,
    between,
    card_words,
    gaps,
    handed_words,
    handover_words,
    made_words,
    moment,
    runs,
    shot_words,
    undelivered,
    where_words,
    why_words,
)
from rushes.words import size

_STYLE = """
:root { color-scheme: light; }
body { font: 10pt/1.4 system-ui, sans-serif; color: #111; background: #fff; margin: 1.5rem auto; max-width: 60rem;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; }
p { margin: .2rem 0; } ul { margin: .2rem 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { white-space: nowrap; text-align: left; border-bottom: 2px solid #111; }
th, td { padding: .2rem .4rem; vertical-align: top; overflow-wrap: anywhere; }
tbody tr { border-bottom: 1px solid #bbb; break-inside: avoid; }
.key { min-width: 3em; } .named { min-width: 11em; }
.right { text-align: right; } .short { white-space: nowrap; overflow-wrap: normal; }
.more { font-size: 9pt; color: #333; } .bad { font-weight: 600; color: #8a0f0f; }
@page { size: A4; margin: 14mm 12mm; }
@media print { .hint { display: none; }
  body { margin: 0; padding: 0; max-width: none; font-size: 8.5pt; } thead { display: table-header-group; }
  h2 { break-after: avoid; } }
"""
_HINT = "To print this or to save it as a PDF, choose Print in the browser's menu (on an iPad: Share, then Print)."
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_html(report: Report) -> str:
    """The page; every text of the set is escaped, control characters are left out."""
    day = report["day"]
    title = _text(f"{report['pipeline']}: shooting day {day}")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        f'<p class="more">{_text(made_words(report).capitalize())} by Rushes</p>',
        f'<p class="more hint">{_HINT}</p>',
        f"<p>Shot: {_text(shot_words(report))}.</p>",
        f"<p>Delivered: {_text(handed_words(report))}.</p>",
        *_list(
            "Not delivered yet",
            undelivered(report),
            "bad",
        ),
        *_list("Missing", gaps(report), "bad"),
        *_list(
            "Delivered to", (f"{each['sink']}: {handover_words(each, day)}" for each in report["handovers"])
        ),
        *_table("Cards", _CARD, (_card(card, day) for card in report["cards"])),
        *_table("Clips", _CLIP, (_clip(clip, day) for clip in report["clips"])),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


#: Heads, with the class of their cells.
_CARD = (
    ("Card", ""), ("Camera", ""), ("Clips", "right"), ("Length", "right short"), ("Size", "right short"),
    ("Timecode", "short"), ("Seen", "short"), ("Delivered", "short"),
)  # fmt: skip
_CLIP = (
    ("Clip", "named"), ("Scene", ""), ("Slate", "key"), ("Take", "key"), ("Circled", "short"), ("Timecode", "short"),
    ("Length", "right short"), ("Size", "right short"), ("Delivered", ""),
)  # fmt: skip


def _card(card: Mapping[str, Any], day: str) -> Sequence[str]:
    told = (
        card["card"], card["camera"], str(card["clips"]), runs(card["duration"]), size(card["bytes"]),
        between(card["timecode"], card["timecode_end"]), moment(card["seen"], day), _sentence(card_words(card, day)),
    )  # fmt: skip
    return [_text(value) for value in told]


def _sentence(words: str) -> str:
    """`str.capitalize` would write a sink's id in small letters."""
    return words[:1].upper() + words[1:]


def _clip(clip: Mapping[str, Any], day: str) -> Sequence[str]:
    circled = "circled" if clip["circled"] else "waste" if clip["waste"] else ""
    about = [f"{clip['card']}/{clip['path']}".removesuffix(clip["name"]), clip["note"]]
    about += ["MOS" if clip["mos"] else "", "" if clip["complete"] else "still being recorded"]
    if clip["sounds"]:
        about.append(f"sound {', '.join(clip['sounds'])}")
    more = "".join(f'<br><span class="more">{_text(told)}</span>' for told in about if told)
    silent = '<br><span class="bad">no sound</span>' if clip["silent"] else ""
    deliveries = zip(clip["deliveries"], map(_text, where_words(clip, day)), strict=True)
    where = [
        told if each["state"] == "done" else f'<span class="bad">{told}</span>' for each, told in deliveries
    ]
    where += [f'<span class="bad">{_text(told)}</span>' for told in why_words(clip)]
    label = between(clip["timecode"], clip["timecode_end"]).replace(" - ", "\n")
    return [
        f"{_text(clip['name'])}{more}{silent}",
        *(_text(clip[name]) for name in ("scene", "slate", "take")),
        circled,
        "<br>".join(_text(part) for part in label.split("\n")),
        _text(runs(clip["duration"])),
        _text(size(clip["size"])),
        "<br>".join(where),
    ]


def _table(title: str, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    told = list(rows)
    if told:
        columns = zip(heads, zip(*told, strict=True), strict=True)
        # Nobody needs a column of nothing, and paper is narrow.
        shown = [(name, css, column) for (name, css), column in columns if any(column)]
        yield f"<h2>{_text(title)}</h2>"
        yield "<table><thead><tr>" + "".join(_cell("th", css, _text(name)) for name, css, _ in shown)
        yield "</tr></thead><tbody>"
        for cells in zip(*(column for *_, column in shown), strict=True):
            row = "".join(_cell("td", css, value) for (_, css, _), value in zip(shown, cells, strict=True))
            yield f"<tr>{row}</tr>"
        yield "</tbody></table>"


def _cell(tag: str, css: str, content: str) -> str:
    named = f' class="{css}"' if css else ""
    scope = ' scope="col"' if tag == "th" else ""
    return f"<{tag}{scope}{named}>{content}</{tag}>"


def _list(title: str, lines: Iterable[str], css: str = "") -> Iterator[str]:
    told = [f"<li>{_text(each)}</li>" for each in lines]
    if told:
        yield f'<h2 class="{css}">{_text(title)}</h2>' if css else f"<h2>{_text(title)}</h2>"
        yield f"<ul>{''.join(told)}</ul>"


def _text(told: str) -> str:
    return escape(line(told), quote=True)
