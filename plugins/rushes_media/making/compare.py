"""Is a proxy what its recipe says, and the same recording as its original? A pure comparison of what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from rushes_media.facts import Facts
from rushes_media.making.material import Colour, Material
from rushes_media.making.recipe import Recipe
from rushes_media.words import label

#: Sound codecs pad their last block and containers round: so many seconds may a sound be longer or shorter.
SLACK_S = 0.06
#: And so many pictures a picture.
SLACK_FRAMES = 1.5

Told = object


def difference(recipe: Recipe, original: Facts, proxy: Facts, material: Material) -> str:
    """The first thing that differs, as "frames 240 != 241"; "" when the proxy is the same recording.

    `material` is the proxy's. Pictures are compared as counted where they were counted, else as the container
    tells.
    """
    for what, told, made in _each(recipe, original, proxy, material):
        if told != made:
            return f"{what} {_shown(told)} != {_shown(made)}"
    return _lasts(recipe, original, proxy)


def _each(
    recipe: Recipe, original: Facts, proxy: Facts, material: Material
) -> Iterator[tuple[str, Told, Told]]:
    yield "problem", "", proxy.problem
    yield "codec", recipe.codec, proxy.values.get("codec")
    if recipe.material.picture:
        yield from _picture(recipe, original, proxy, material)
    start, values = recipe.start, proxy.values
    if start.label or recipe.extension != "wav":
        yield "timecode", start.label or None, values.get("timecode")
    # A tag tells a label only; a track and iXML tell what it counts at.
    if recipe.material.picture or recipe.extension == "wav":
        yield "timecode rate", (start.label and start.rate) or None, values.get("timecode_rate")
    if recipe.extension == "wav":
        yield "first sample", start.sample, values.get("start_sample")
    yield from _sound(recipe, material)
    for name, told in recipe.tags.items():
        value = values.get(name)
        yield name, told, None if value is None else " ".join(str(value).split())


def _picture(
    recipe: Recipe, original: Facts, proxy: Facts, material: Material
) -> Iterator[tuple[str, Told, Told]]:
    picture = material.picture
    yield "picture", True, picture is not None
    assert picture is not None
    yield "size", _by(recipe.size), _by((picture.width, picture.height))
    yield "rotation", 0, picture.turned
    yield "pixel aspect", Fraction(1), picture.pixel
    yield "interlaced", recipe.weave, picture.fields
    yield "colour", _comparable(recipe.colour), _comparable(picture.colour)
    if recipe.conform is None:
        yield "frames", _frames(original), _frames(proxy)
    yield "rate", _rate(recipe, original, proxy), proxy.values.get("rate")
    if recipe.start.label:
        yield "timecode from", "tmcd", proxy.values.get("timecode_from")


def _sound(recipe: Recipe, material: Material) -> Iterator[tuple[str, Told, Told]]:
    yield "sound channels", recipe.material.channels, material.channels
    # Not one more or less together than before: an editor counts on where a track is.
    kept = [each.channels for each in recipe.material.sounds]
    if recipe.extension == "wav":
        kept = [sum(kept)]
    else:
        kept = [one for channels in kept for one in ([channels] if channels <= 2 else [1] * channels)]
    yield "sound streams", kept, [each.channels for each in material.sounds]
    if material.sounds:
        own = recipe.material.sounds[0].sample_rate
        yield "sample rate", recipe.sample_rate(own), material.sounds[0].sample_rate
    zero = material.picture.late if material.picture else Fraction(0)
    for number, each in enumerate(material.sounds, 1):
        apart = abs(each.late - zero)
        yield (
            f"start of sound {number}",
            "0 s",
            "0 s" if apart <= recipe.frame / 2 else f"{float(apart):.3f} s",
        )


def _lasts(recipe: Recipe, original: Facts, proxy: Facts) -> str:
    told, made = (float(str(facts.values.get("duration", 0))) for facts in (original, proxy))
    if recipe.material.picture is None:
        exact = recipe.extension == "wav" == original.values.get("container")
        slack = 1.5 / recipe.material.sounds[0].sample_rate if exact else SLACK_S
    elif "frames" not in original.values and recipe.conform is None:
        return ""  # nor does such a container (MKV) tell how long its picture is; rate and count agree
    else:
        slack = SLACK_FRAMES / max(1.0, float(str(proxy.values.get("rate", 25))))
    return f"duration {told:.3f} s != {made:.3f} s" if abs(told - made) > slack else ""


def _comparable(colour: Colour) -> Colour:
    """BT.470BG and SMPTE 170M are two names of one matrix, and some writers know one of them."""
    return replace(colour, matrix=6 if colour.matrix == 5 else colour.matrix)


def _frames(facts: Facts) -> Told:
    return facts.values.get("frames") if facts.packets is None else facts.packets


def _rate(recipe: Recipe, original: Facts, proxy: Facts) -> Told:
    """The recipe's rate; the proxy's where neither is constant and both are within a hundredth."""
    if recipe.rate:
        return label.written(recipe.rate)
    told, made = (str(facts.values.get("rate", "")) for facts in (original, proxy))
    if told and made and not any(label.named(rate) for rate in (told, made)):
        return made if abs(float(told) / float(made) - 1) < 0.01 else told
    return original.values.get("rate")


def _by(size: tuple[int, int]) -> str:
    return "x".join(map(str, size))


def _shown(value: Told) -> str:
    if isinstance(value, Colour):
        span = "full" if value.full else "video"
        return f"{value.primaries}-{value.transfer}-{value.matrix} {span}"
    if isinstance(value, list):
        return "+".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)
