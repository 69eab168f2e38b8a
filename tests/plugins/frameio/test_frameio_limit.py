"""The limit that a person sets while it runs."""

import pytest

from rushes import Permanent
from rushes_frameio.actions.limit import limit, rate_allowed
from rushes_frameio.sink import open_sink


async def no_tell(_facts):
    pass


async def test_a_limit_counts_at_once_and_for_later_runs(stage):
    async with open_sink(stage.options, stage.context) as sink:
        assert sink.flow.pace.rate is None
        answer = await limit(stage.options, stage.context, sink, {"rate": "20M"}, no_tell)
        assert answer == {"max_rate": 20_000_000}
        assert sink.flow.pace.rate == 20_000_000 / 8
    async with open_sink(stage.options, stage.context) as sink:
        assert sink.flow.pace.rate == 20_000_000 / 8


async def test_off_beats_the_file_and_file_brings_it_back(stage):
    slow = stage.options.model_copy(update={"max_rate": 5_000_000})
    assert await limit(slow, stage.context, None, {"rate": "off"}, no_tell) == {"max_rate": None}
    assert await rate_allowed(slow, stage.context.store) is None
    assert await limit(slow, stage.context, None, {"rate": "file"}, no_tell) == {"max_rate": 5_000_000}


@pytest.mark.parametrize("rate", ["0", "50", "fast", "-3", ""])
async def test_no_rate(stage, rate):
    with pytest.raises(Permanent, match="write bits a second such as 50M"):
        await limit(stage.options, stage.context, None, {"rate": rate}, no_tell)
