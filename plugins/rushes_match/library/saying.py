"""What was last said of a clip, kept small: a clip is told again only when this becomes another."""

from __future__ import annotations

from rushes import Finding, Link

Mark = int


def mark(finding: Finding) -> Mark:
    """The same in one process for findings that say the same.

    Scores are told in hundredths, so that both ends of a link tell the same. Evidence counts by the whole frame of its
    offset and by who decided: what is learned of clocks becomes a little better with every pair, and a day is not to be
    written again for a hundredth of a frame.
    """
    values = sorted((name, str(value)) for name, value in finding.values.items())
    return hash((finding.basis, tuple(values), tuple(sorted(map(_said, finding.links)))))


def _said(link: Link) -> tuple[str, ...]:
    offset = link.evidence.get("offset_frames")
    frames = round(offset) if isinstance(offset, int | float) else ""
    by = str(link.evidence.get("by", ""))
    return link.other, link.kind, link.state, f"{link.score:.2f}", str(frames), by
