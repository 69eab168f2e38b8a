"""Looking for a text in what people call a clip by."""

from __future__ import annotations

from rushes.ledger.rows import text

_NAMES = tuple(
    f"contains(lower({name}), ?)" for name in ("card || '/' || path", "reel", "camera", "clip_name")
)
#: `3` is no scene 13.
_WHOLE = tuple(f"lower({name}) = ?" for name in ("scene", "slate", "take"))
#: What is said in one breath: `12A/3`.
_TAKES = tuple(f"starts_with(lower({name} || '/' || take), ?)" for name in ("scene", "slate"))
#: So many words are looked for; who pastes more of them finds what the first ones tell.
_MOST_WORDS = 8


def spoken_of(said: str) -> tuple[str, list[str]]:
    """The condition that each word of `said` is in a name of the clip, or is its scene, slate or take, whatever the
    case; its parameters.
    """
    words = text(said).lower().replace("\0", "").split()[:_MOST_WORDS]
    parts = [(*_NAMES, *(_TAKES if "/" in word else _WHOLE)) for word in words]
    conditions = [f"({' OR '.join(each)})" for each in parts]
    return " AND ".join(conditions) or "true", [
        word for word, each in zip(words, parts, strict=True) for _ in each
    ]
