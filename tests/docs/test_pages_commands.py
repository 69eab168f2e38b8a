"""The commands of the pages do what the pages say, block after block, as somebody would type them."""

import pytest

from docs_rig import every_block
from docs_stages import STAGES, on_stage

BLOCKS = every_block()


@pytest.mark.parametrize("stage", STAGES)
def test_the_commands_of_the_pages(stage, tmp_path):
    """All blocks of a stage, in the order of the pages; what a block prints is asked of the one before it."""
    mine = played = False
    with on_stage(stage, tmp_path) as play:
        for block in BLOCKS:
            mine = stage in {block.run, block.stage} if not block.prints else mine
            if mine and (block.run or block.how or block.prints):
                play.play(block)
                played = True
    assert played, "no page plays on it"
