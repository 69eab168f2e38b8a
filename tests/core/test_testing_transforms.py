"""`check_transform` passes a transform that keeps its promises, and tells each that a broken one breaks."""

from __future__ import annotations

import itertools
import shutil
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from rushes import Options, Role, Spec, Transient, Unavailable
from rushes.testing import check_transform


class Copy:
    def __init__(self, context):
        self.context = context

    async def apply(self, clip, /):
        final = self.context.workspace() / clip.filename
        new = final.with_suffix(".new")
        with self.context.open(clip) as source, new.open("wb") as file:
            while piece := source.read(50_000):
                file.write(piece)
                await trio.lowlevel.checkpoint()
            self.context.verify(clip, source)
        new.replace(final)
        return [self.made(clip, final)]

    def made(self, clip, final):
        return self.context.derive(clip, final, role=Role.PROXY, meta={"codec": "copy"})


def spec_of(transform):
    @asynccontextmanager
    async def opened(_options, context):
        yield transform(context)

    return Spec(name="copy", summary="A copy.", config=Options, open=opened)


async def test_a_transform_that_keeps_its_promises_passes(tmp_path):
    await check_transform(spec_of(Copy), {}, folder=tmp_path)


async def test_one_that_drops_and_one_that_hands_on_pass(tmp_path):
    class Drop(Copy):
        async def apply(self, clip, /):
            return []

    class Same(Copy):
        async def apply(self, clip, /):
            return [clip]

    await check_transform(spec_of(Drop), {}, folder=tmp_path / "drop")
    await check_transform(spec_of(Same), {}, folder=tmp_path / "same")


class Paths(Copy):
    async def apply(self, clip, /):
        return [self.context.workspace() / clip.filename]


class Names(Copy):
    async def apply(self, clip, /):
        [made] = await super().apply(clip)
        return [
            self.made(clip, shutil.move(self.context.path(made), self.context.workspace() / uuid.uuid4().hex))
        ]


class OtherBytes(Copy):
    calls = itertools.count()

    def made(self, clip, final):
        final.write_bytes(str(next(self.calls)).encode())
        return super().made(clip, final)


class Ids(Copy):
    def made(self, clip, final):
        return replace(super().made(clip, final), id=uuid.uuid4().hex)


class Moods(Copy):
    calls = itertools.count()

    def made(self, clip, final):
        return self.context.derive(clip, final, role=Role.PROXY, meta={"mood": next(self.calls)})


class Unscalar(Copy):
    def made(self, clip, final):
        return self.context.derive(clip, final, role=Role.PROXY, meta={"list": [1]})


class Early(Copy):
    def made(self, clip, final):
        made = super().made(clip, final)
        with final.open("ab") as file:
            file.write(b"more")
        return made


class Vanishing(Copy):
    def made(self, clip, final):
        made = super().made(clip, final)
        final.unlink()
        return made


class Original(Copy):
    def made(self, clip, final):
        return self.context.derive(clip, final, role=Role.ORIGINAL)


class Underived(Copy):
    def made(self, clip, final):
        return replace(clip, path=final.name, volume="work")


class Twice(Copy):
    async def apply(self, clip, /):
        return [*await super().apply(clip)] * 2


class Trusts(Copy):
    """What a cancelled call left is taken for whole."""

    async def apply(self, clip, /):
        final = self.context.workspace() / clip.filename
        if not final.exists():
            data = self.context.path(clip).read_bytes()
            with final.open("wb") as file:
                for start in range(0, len(data), 50_000):
                    file.write(data[start : start + 50_000])
                    file.flush()
                    await trio.lowlevel.checkpoint()
        return [self.made(clip, final)]


class Chokes(Copy):
    async def apply(self, clip, /):
        if not clip.size:
            raise ZeroDivisionError("division by zero")
        return await super().apply(clip)


class HoldsUp(Copy):
    async def apply(self, clip, /):
        try:
            return await super().apply(clip)
        except Exception as error:
            raise Unavailable(f"cannot read: {error}") from error


class Moves(Copy):
    async def apply(self, clip, /):
        made = await super().apply(clip)
        self.context.path(clip).write_bytes(b"")
        return made


class Fails(Copy):
    async def apply(self, clip, /):
        raise Transient("not today")


@pytest.mark.parametrize(
    ("transform", "sentence"),
    [
        (Paths, r"apply returned \[.*\]; it returns a list of clips"),
        (Names, "it makes the same files"),
        (OtherBytes, "with other bytes of the same clip"),
        (Ids, "another id; take it from context.derive"),
        (Moods, "other metadata of the same clip"),
        (Unscalar, "metadata that is no scalar: list"),
        (Early, "before it was whole"),
        (Vanishing, "no such file is in the workspace"),
        (Original, "as an original; name its role"),
        (Underived, "which is no derived clip"),
        (Twice, "returned one file twice"),
        (Trusts, "after a cancellation at checkpoint .* with other bytes"),
        (Chokes, "apply to a clip whose file is empty raised ZeroDivisionError"),
        (HoldsUp, "raised Unavailable, which holds up every other clip"),
        (Moves, "failed although nothing was wrong: Changed: .*changed since it was admitted"),
        (Fails, "apply failed although nothing was wrong: Transient: not today"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_broken_promise_is_told(tmp_path, transform, sentence):
    with pytest.raises(AssertionError, match=sentence) as told:
        await check_transform(spec_of(transform), {}, folder=tmp_path)
    assert "\n" not in str(told.value)
