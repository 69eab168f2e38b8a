"""Both ends of a link tell one score, however the day grew."""

from __future__ import annotations

from .match_rig import on_set, picture, sound

DIFFERENT = (
    "SELECT a.clip, a.other, a.score, b.score FROM links a JOIN links b ON a.clip = b.other AND a.other = b.clip "
    "WHERE a.kind = 'sound' AND b.kind = 'picture' AND a.score <> b.score"
)


async def test_both_ends_of_a_link_have_one_score_after_every_batch(tmp_path):
    """A camera that is 40 s ahead: how sure its clock is changes with every clip that comes."""
    async with on_set(tmp_path) as made:
        for take in range(9):
            start, length = 36_000 + 97 * take + take * take, 20 + 7 * take % 31
            labels = [f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}:00" for at in (start, start + 42)]
            await made.give(sound(f"T{take:03}.wav", labels[0], length + 5))
            await made.give(picture(f"A001C{take:03}.mov", labels[1], length))
            assert await made.query(DIFFERENT) == []
        assert len(await made.links()) == 18
