"""The folder source keeps the contract: the kit over a card with two recordings and a file that is none."""

import os

from rushes.testing import check_source
from rushes_folder import rushes_sources


async def test_the_contract(tmp_path, movie):
    card = tmp_path / "cards" / "A001"
    card.mkdir(parents=True)
    for name in ("A001C001.mov", "A001C002.mov"):
        (card / name).write_bytes(movie)
        os.utime(card / name, (1_700_000_000, 1_700_000_000))
    [spec] = rushes_sources()
    options = {"path": card.parent, "settle": "50ms", "patience": "300ms"}
    await check_source(
        spec, options, folder=tmp_path, admits={"A001C001.mov", "A001C002.mov"}, originals=card.parent
    )
