"""The pictures of a recipe, as ffmpeg is told to make them.

They are passed through one for one, so that a frame of the proxy is that frame of the original; only uneven
ones are laid out at a constant rate. ffmpeg turns what a player would turn before the first filter.
"""

from __future__ import annotations

from typing import Any

from rushes_media.making.burn import burnt, counting
from rushes_media.making.font import is_ours
from rushes_media.making.grade import back, graded
from rushes_media.making.recipe import Recipe

THREADS = 2


def filtered(stream: Any, recipe: Recipe) -> Any:
    """The picture stream as it is encoded."""
    picture = recipe.material.picture
    assert picture is not None
    width, height = recipe.size
    if recipe.deinterlace:
        stream = stream.filter("bwdif", mode="send_frame")
    # Without its index, MXF tells no times: the first picture comes late by as many as are shown out of order.
    if picture.late or recipe.live == "mxf":
        stream = stream.filter("setpts", "PTS-STARTPTS")
    if recipe.conform:
        stream = stream.filter("fps", fps=f"{recipe.conform}", start_time=0)
    grade = recipe.form.grade
    woven = {"interl": 1} if recipe.weave else {}
    stream = stream.filter("scale", w=width, h=height, **woven)
    if grade:
        lines = picture.upright[1]
        stream = graded(stream, grade, picture.colour, rgb=picture.rgb, lines=lines)
    if grade or picture.rgb:
        stream = back(stream, recipe.colour, pixel_format(recipe))
    stream = stream.filter("setsar", 1)
    burn, start = recipe.form.burn, recipe.start
    if not burn:
        return stream
    return burnt(
        stream,
        burn,
        name=recipe.name,
        counter=counting(start.label, start.rate, 1 / recipe.frame) if start.label and start.rate else "",
        size=recipe.size,
        transfer=recipe.colour.transfer,
        own=is_ours(burn.font),
    )


def encoder(recipe: Recipe) -> dict[str, Any]:
    """The options of ffmpeg for the codec of the pictures."""
    form = recipe.form
    rate = {"b:v": form.bitrate, "maxrate": form.bitrate, "bufsize": 2 * form.bitrate}
    options: dict[str, Any] = {
        "fps_mode": "passthrough",
        "pix_fmt": pixel_format(recipe),
        "threads:v": THREADS,
    }
    if form.codec == "avc":
        options |= {"c:v": "libx264", "preset": form.preset, **rate}
    elif form.codec == "hevc":
        # It counts its own threads and tells its own story; "hvc1" is what Apple's players look for.
        quiet = f"log-level=error:pools={THREADS}"
        options |= {"c:v": "libx265", "preset": form.preset, "x265-params": quiet, "tag:v": "hvc1", **rate}
    else:
        options |= {"c:v": "prores_ks", "profile:v": "proxy", "vendor": "apl0"}
    if recipe.weave:
        options["flags:v"] = "+ildct+ilme"
    return options


def pixel_format(recipe: Recipe) -> str:
    """What the codec is given, as ffmpeg calls it.

    HEVC keeps more than eight bits; AVC has eight, which plays everywhere.
    """
    if recipe.form.codec == "prores-proxy":
        return "yuv422p10le"
    picture = recipe.material.picture
    deep = recipe.form.codec == "hevc" and picture is not None and picture.bits > 8
    return "yuv420p10le" if deep else "yuv420p"
