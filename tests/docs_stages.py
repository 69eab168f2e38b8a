"""The stages on which the shell blocks of the pages are played: a folder each, in a world made for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from docs_play import Play
from docs_rig import ROOT
from rushes_sandbox.shoot import credentials, free_port


def tiny(folder: Path, name: str) -> Path:
    """A picture of half a second."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=0.4", "-f", "lavfi", "-i",
         f"sine=frequency={len(name) * 40}:duration=0.4", "-metadata", f"title={name}", "-timecode", "14:31:40:00",
         str(file)],
        check=True,
    )  # fmt: skip
    os.utime(file, (1, 1))
    return file


def card(cards: Path) -> None:
    """What the pages show: two clips, a broken one, a still, sound."""
    clips = cards / "A001" / "CLIPS"
    for number in (1, 2):
        tiny(clips, f"A001C00{number}_261122_R1AB.mov")
    whole = (clips / "A001C001_261122_R1AB.mov").read_bytes()
    broken = clips / "A001C004_261122_R1AB.mov"
    broken.write_bytes(whole[: whole.index(b"mdat") + 200])
    still = cards / "A001" / "STILLS" / "A001S001_261122_R1AB.jpg"
    still.parent.mkdir()
    still.write_bytes(b"\xff\xd8 no picture")
    for file in (broken, still):
        os.utime(file, (1, 1))


def day(play: Play) -> None:
    """A card, and for Frame.io a disk, since its account cannot be had here."""
    card(play.root / "cards")
    (play.root / "raid").mkdir()
    play.env["CARDS"] = str(play.root / "cards")
    play.more = {
        "use: frameio, slots: 2": f"use: disk, path: {play.root / 'raid'}",
        "settle: 2s": "settle: 0s, patience: 0s",
        "height: 1080": "height: 32",
    }
    play.status = {0, 3}  # something is parked


def queue(play: Play) -> None:
    """A pipeline that runs and has work to queue, for its disk is away; one clip is broken."""
    day(play)
    (play.root / "raid").rmdir()
    play.status = {0}
    (play.root / "onset.yaml").write_text(play.adapted(onset()))
    play.begin("run", "onset.yaml")

    def jobs() -> dict[str, dict[str, str]]:
        told = json.loads(play.ask("queue", "onset.yaml", "list", "--json"))["jobs"]
        return {job["name"]: job for job in told}

    seen(play, "onset.yaml", clips=4, jobs=3)
    play.words = {
        "jtjy": lambda: next(job["id"] for name, job in jobs().items() if "C002" in name),
        "jjo6": lambda: next(job["id"] for name, job in jobs().items() if "C004" in name),
    }


def page(play: Play) -> None:
    """Nothing runs yet; the page gets any free port, and no browser is opened here."""
    day(play)
    play.status = {0}
    (play.root / "onset.yaml").write_text(play.adapted(onset()))
    play.env |= dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"), "")
    play.words = {
        "--page 0.0.0.0:8443": "--page 0.0.0.0:0",
        "onset.yaml --page  ": "onset.yaml --page 127.0.0.1:0  ",
    }


def onset() -> str:
    """The first pipeline of the README."""
    return next(
        iter(
            re.findall(r"^```yaml\n(pipeline: onset\n.*?)^```$", _page("README.md"), re.MULTILINE | re.DOTALL)
        )
    )


def _page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def plain(_play: Play) -> None:
    """An empty folder."""


def tour(play: Play) -> None:
    """An empty folder; what is run has seen its four files before it is asked."""
    play.begun = lambda arguments: arguments[0] == "run" and seen(play, arguments[1], clips=4, jobs=4)


def seen(play: Play, file: str, *, clips: int, jobs: int) -> None:
    """Wait until so many are there."""

    def all_there() -> bool:
        counts = json.loads(play.ask("status", file, "--json"))["counts"]
        return counts["clips"] >= clips and sum(counts["jobs"].values()) >= jobs

    play.wait_until(all_there, f"{clips} clips and {jobs} jobs")


def pairing(play: Play) -> None:
    """A sandbox stands for Frame.io, and somebody who types in the six digits."""
    sandbox = play.stage.sandbox("--interval", "1s", "--part-size", "1MiB")
    play.more = {
        "use: frameio, slots: 2": f"use: frameio, api_url: '{sandbox.url}', ca_file: {sandbox.ca_file}"
    }
    file = play.root / "onset.yaml"
    file.write_text(play.adapted(onset()))

    def pair() -> str:
        play.stage.pair(file, sandbox)
        return "pipeline frameio whoami"

    play.words = {
        "RUSHES_FRAMEIO_CLIENT_SECRET=...": f"RUSHES_FRAMEIO_CLIENT_SECRET={play.env['RUSHES_FRAMEIO_CLIENT_SECRET']}",
        "pipeline frameio pair": pair,
    }


def hub(play: Play) -> None:
    """Nothing is there: the page makes a hub, and plays a short day against it."""
    play.env.update(credentials())
    port = free_port()
    play.words = {
        "masterlockit hub": f"masterlockit hub --listen 127.0.0.1:{port}",
        "--hub 127.0.0.1:42000": f"--hub 127.0.0.1:{port} --day 12 --takes 2 --seconds 2 --factor 100 --media media",
    }


def on_set(play: Play) -> None:
    """A hub on which a short day has been played, and the files that it left; `run` has seen them all."""
    hub(play)
    play._line("pipeline masterlockit hub --state ./hub", "the hub")
    play._line("pipeline masterlockit simulate --hub 127.0.0.1:42000", "the day")
    port = re.findall(r":(\d+) --day", str(play.words["--hub 127.0.0.1:42000"]))[0]
    media = play.root / "media"
    file = play.root / "set.yaml"
    text = _page("pipelines/set.yaml")
    for old, new in {
        'host: "${HUB:-10.0.0.5}"': f"host: 127.0.0.1, port: {port}",
        "use: frameio, slots: 2": "use: disk, path: ./away",
        '"${CARDS:-/media/cards}", settle: 2s': f"{media}, exclude: ['*.wav'], settle: 0s",
        '"${SOUND:-/media/recorder}"': f"{media / 'Recorder'}, settle: 0s",
        "height: 1080": "height: 32",
    }.items():
        assert old in text, f"pipelines/set.yaml: {old}"
        text = text.replace(old, new)
    file.write_text(text)
    pictures, sounds = (sorted(media.rglob(f"*.{end}")) for end in ("mov", "WAV"))

    def known(arguments: tuple[str, ...]) -> None:
        """A run is asked once it has matched everything."""

        def matched() -> bool:
            told = json.loads(play.ask("match", "set.yaml", "list", "--state", "matched", "--json"))
            return sum(pair["kind"] == "sound" for pair in told["pairs"]) >= len(pictures)

        if arguments[0] == "run":
            play.wait_until(matched, "matches")

    picture, sound = pictures[0].name, sounds[-1].name
    keys = {name: play.env[name] for name in credentials()}
    play.words |= {f"{name}=...": f"{name}={value}" for name, value in keys.items()} | {
        "3f0a62c1": lambda: next(
            clip["id"]
            for clip in json.loads(play.ask("masterlockit", "clips", "set.yaml", "--json"))["clips"]
            if clip["type"] == "video"
        ),
        "day.yaml": "set.yaml",
        "A001C001_261122_R1AB.mov": picture,
        "SND01T001.wav": sound,
        "A001C003": picture.removesuffix(".mov"),
        "14A-1-3.WAV": sound,
        "PICTURE": picture,
        "SOUND ": f"{sound} ",
        "CLIP [OTHER]": f"{picture} {sound}",
        "SOUND": sound,
    }
    play.begun = known


def on_a_running_set(play: Play) -> None:
    """The same, and the pipeline runs that has seen it all."""
    on_set(play)
    play.begin("run", "set.yaml")


def sandbox(play: Play) -> None:
    """A sandbox with one pairing after another, since each code is typed in once."""
    state = play.root / "sandbox-state"
    note: dict[str, str] = {}
    numbers = count()

    def code() -> str:
        note.update(json.loads((state / "sandbox.json").read_text()))
        file = play.root / f"device-{next(numbers)}" / "onset.yaml"
        file.parent.mkdir()
        file.write_text(
            onset().replace(
                "slots: 2", f"api_url: '{note['url'].rstrip('/')}', ca_file: {state / 'tls' / 'ca.pem'}"
            )
        )
        play.env["RUSHES_FRAMEIO_CLIENT_SECRET"] = "sandbox-secret"
        pair = play.stage.start("frameio", "pair", str(file), "--json", name="pair")
        play.wait_until(lambda: b"user_code" in pair.err.read_bytes(), "a code")
        return re.findall(r'"user_code": ?"(\d{6})"', pair.err.read_text())[0]

    play.words = {
        "--state ./state/sandbox": "--state ./state/sandbox --port 0 --no-rate-limits",
        "--port 0 --state DIR": f"--port 0 --state {state}",
        "123456": code,
        "DIR": str(state),
        "URL/": lambda: note["url"].rstrip("/") + "/",
    }


def schema(play: Play) -> None:
    """A folder for pipelines."""
    (play.root / "pipelines").mkdir()


def plugin(play: Play) -> None:
    """As if `pip install --editable .` had been said in ./rushes-note."""
    info = play.root / "installed" / "rushes_note-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rushes-note\nVersion: 0.1.0\n")
    play.env["MYPY_CACHE_DIR"] = str(ROOT / ".mypy_cache" / "pages")
    play.env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), play.env.get("PATH", "")])
    play.env["PYTHONPATH"] = os.pathsep.join([str(info.parent), str(play.root / "rushes-note" / "src")])
    play.own = {"rushes_note"}
    play.installed = lambda: (info / "entry_points.txt").write_text("[rushes.plugins]\nnote = rushes_note\n")


STAGES: Mapping[str, Callable[[Play], None]] = {
    "day": day,
    "queue": queue,
    "page": page,
    "installed": plain,
    "tour": tour,
    "schema": schema,
    "pairing": pairing,
    "hub": hub,
    "running-set": on_a_running_set,
    "sandbox": sandbox,
    "plugin": plugin,
}


#: Stages that another test plays, which has what they need at hand.
ELSEWHERE = {"sample": "tests/samples/test_sample_plugin.py"}


@contextmanager
def on_stage(name: str, root: Path) -> Iterator[Play]:
    with Play(root) as play:
        STAGES[name](play)
        yield play
