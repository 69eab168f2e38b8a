"""A document kept fresh: the first wish at once, all others together, one load at a time, nothing after its end."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from typing import Any

import pytest

from rushes.page.assets import FOLDER

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the page's modules")

#: Loads end when the script says so; what is shown is written down.
BEGIN = """
const shown = [], open = [];
let most = 0, begun = 0;
const load = (signal) => new Promise((resolve, reject) => {
  begun += 1;
  const ended = (how) => (what) => (open.shift(), how(what));
  open.push({ resolve: ended(resolve), reject: ended(reject), signal });
  most = Math.max(most, open.length);
});
const it = refreshing(load, (change) => shown.push(change));
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const until = async (test) => { while (!test()) await turn(); };
"""


def play(script: str) -> dict[str, Any]:
    source = base64.b64encode((FOLDER / "lib" / "fresh.js").read_bytes()).decode()
    text = (
        f'import {{ refreshing }} from "data:text/javascript;base64,{source}";\n{BEGIN}\n{script}\n'
        "console.log(JSON.stringify({ shown, most, begun, open: open.length }));"
    )
    done = subprocess.run(
        ["node", "--input-type=module"], input=text, capture_output=True, text=True, timeout=30, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_wish_is_loaded_at_once():
    told = play(
        "it.now(); const at_once = begun; open[0].resolve(7); await turn(); if (at_once !== 1) throw 1;"
    )
    assert told["shown"] == [{"loading": True}, {"data": 7, "error": None, "loading": False}]


def test_a_hundred_wishes_meanwhile_are_one_load_more():
    told = play("""
        it.now();
        for (let n = 0; n < 100; n += 1) it.now();
        open[0].resolve(1);
        await until(() => begun === 2);
        open[0].resolve(2);
        await turn();
    """)
    assert (told["begun"], told["most"], told["open"]) == (2, 1, 0)
    assert [change["data"] for change in told["shown"] if "data" in change] == [1, 2]


def test_loads_that_follow_keep_their_distance():
    told = play("""
        const before = performance.now();
        it.now();
        open[0].resolve(1);
        await turn();
        it.now();
        await until(() => begun === 2);
        if (performance.now() - before < 149) throw new Error("too soon");
        open[0].resolve(2);
        await turn();
    """)
    assert told["begun"] == 2


def test_a_failure_is_shown_beside_what_was_there_and_the_next_load_mends_it():
    told = play("""
        it.now(); open[0].resolve(1); await turn();
        it.now(); await until(() => begun === 2); open[0].reject("away"); await turn();
        it.now(); await until(() => begun === 3); open[0].resolve(2); await turn();
    """)
    assert told["shown"][3] == {"error": "away", "loading": False}
    assert told["shown"][-1] == {"data": 2, "error": None, "loading": False}


def test_after_its_end_nothing_is_shown_or_loaded():
    told = play("""
        it.now(); it.now();
        const { signal, resolve } = open[0];
        it.end();
        if (!signal.aborted) throw new Error("the load was not broken off");
        resolve(1);
        await turn(); await turn();
    """)
    assert told["shown"] == [{"loading": True}]
    assert told["begun"] == 1
