"""What a step is called in the ledger is the same in every run, whatever its options are made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from pydantic import ConfigDict

from engine_rig import FunctionTransform, component, route
from rushes import Options
from rushes.engine.ways import Ways

STEP = """
import json
from dataclasses import replace
from enum import Enum
from pathlib import Path

from engine_rig import FunctionTransform, component, route
from rushes import Options
from rushes.engine.last_rules import route_document
from rushes.engine.ways import Ways


class Look(Enum):
    FLAT = "flat"
    LOG = "log"


class Inner(Options):
    among: frozenset[str] = frozenset()


class Many(Options):
    looks: frozenset[Look] = frozenset()
    words: set[str] = set()
    pairs: frozenset[tuple[str, int]] = frozenset()
    groups: frozenset[frozenset[str]] = frozenset()
    models: frozenset[Inner] = frozenset()
    by_word: dict[str, set[str]] = {}
    inner: tuple[Inner, ...] = ()
    folder: Path = Path("there")
    numbers: set[int] = {1}


WORDS = ["one", "two", "three", "four", "five", "six"]
options = Many(
    looks=set(Look), words=set(WORDS), pairs={(word, 1) for word in WORDS},
    groups=[frozenset(WORDS[:3]), frozenset(WORDS[3:])], models=[Inner(among={word}) for word in WORDS],
    by_word={"all": set(WORDS)}, inner=[Inner(among=set(WORDS))], folder=Path("here"),
)
step = replace(component("transform", "proxy", FunctionTransform(None)), id="r.proxy", options=options)
made = route("r", steps=[step], wishes={"sink": options})
print(json.dumps([Ways().with_steps_of([made]).steps, route_document(made), repr(Ways().of_route(made))]))
"""


def told(seed):
    environment = dict(os.environ, PYTHONHASHSEED=str(seed), PYTHONPATH=str(Path(__file__).parents[2]))
    done = subprocess.run(
        [sys.executable, "-c", STEP], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_sets_are_told_in_the_same_order_in_every_run():
    one, other = told(1), told(2)
    assert one == other
    use, options = json.loads(one[0]["r.proxy"])
    assert use != "r.proxy"
    assert one[1]["to"] == [{"sink": "sink", "numbers": [1], **options}]
    assert options["words"] == sorted(["one", "two", "three", "four", "five", "six"])
    assert options.keys() == {"looks", "words", "pairs", "groups", "models", "by_word", "inner", "folder"}, (
        "defaults are left out"
    )


class Opaque:
    pass


class Odd(Options):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    what: Opaque | None = None


def test_what_tells_its_address_in_memory_is_like_no_other_step():
    step = replace(
        component("transform", "proxy", FunctionTransform(None)), id="r.proxy", options=Odd(what=Opaque())
    )
    assert Ways().with_steps_of([route("r", steps=[step])]).steps == {"r.proxy": "r.proxy"}
