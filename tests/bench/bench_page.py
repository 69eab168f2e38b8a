"""How long somebody waits for the page, with 50,000 clips in the ledger.

`page_first_ms` is from the start of a navigation in an open window of Chromium to the first rows of clips painted,
nothing cached; the reference is a bare page of fifty rows. `event_to_page_ms` is from the request that makes an event,
its commit included, to the row of its job painted in the queue; the reference is a bare echo of server-sent events.
Both references are served by the same server in another process. Medians, and the 95th percentile of events. Without a
browser there are no figures.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

TESTS = str(Path(__file__).resolve().parents[1])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

from browser_rig import Shown, Tab, browsing, free_port, missing  # noqa: E402 - run as a script
from journeys.harness import wait_until  # noqa: E402 - as above
from rushes.ledger import FILE_NAME  # noqa: E402 - as above

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLIPS = 50_000
FIRST_MS, EVENT_MS = 300, 200
TURNS = 7
EVENTS = 30
#: Longer than the page lets pass between two loads of one list.
APART_S = 0.5
#: In which a new window has drawn itself: Chromium's own bar is a page, too, and would share the processors.
SETTLED_S = 0.8
BARE = Path(__file__).with_name("page_bare.py")

#: Calls `seen` once what was looked for has been painted.
PAINTED = """
const painted = (there, seen) => {
  const look = () => {
    if (!there()) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = seen;
      after.port2.postMessage(0);
    });
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
  look();
};
"""
ROWS = f"""{PAINTED}
painted(() => document.querySelector("a[href^='#/clips/']"), () => (window.rowsAt = performance.now()));"""
SHOWS = f"""([selector, text]) => {{ {PAINTED}
  window.shownAt = null;
  const there = () => document.querySelector(selector)?.textContent.includes(text);
  painted(there, () => (window.shownAt = (performance.timeOrigin + performance.now()) / 1000));
}}"""


def run() -> list[dict[str, Any]]:
    if why := missing():
        return [row(f"{name} ({why})", None, None, None) for name in ("page_first_ms", "event_to_page_ms")]
    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name, Shown(Path(name)) as shown:
        fill(shown)
        shown.serve()
        with browsing() as browser, bare() as origin, Tab(browser, shown) as tab:
            tab.sign_in()
            state = tab.page.context.storage_state()
            ours, plain = [], []
            for _ in range(TURNS + 1):
                ours.append(first(browser, f"{shown.origin}/#/clips", state))
                plain.append(first(browser, f"{origin}/", None))
            events = list(told(shown, tab))
            echoes = list(echoed(tab.page.context.browser, origin))
    # The very first of each warms the server and the browser.
    return [
        row("page_first_ms", statistics.median(ours[1:]), statistics.median(plain[1:]), FIRST_MS),
        row("event_to_page_ms", statistics.median(events), statistics.median(echoes), EVENT_MS),
        row("event_to_page_p95_ms", p95(events), p95(echoes), EVENT_MS),
    ]


def fill(shown: Shown) -> None:
    """A ledger of many delivered clips, as a run leaves one."""
    shown.write(prepare=["probe"], routes=[{"id": "all", "when": "true", "to": ["raid"]}])
    shown.put("A001C000.braw", 100_000)
    assert shown.run("--once").wait(60) == 0
    database = duckdb.connect(str(shown.stage.state / FILE_NAME))
    clip = "printf('%s%05d', clips.id, t.n)"
    database.execute(
        f"INSERT INTO clips SELECT clips.* REPLACE ({clip} AS id, printf('A%03d', t.n // 100) AS card,"
        " printf('A%03d', t.n // 100) AS volume, printf('A001C%05d.braw', t.n) AS path,"
        " printf('A001C%05d', t.n) AS name, first_seen - to_seconds(t.n) AS first_seen, true AS born)"
        f" FROM clips, range(1, {CLIPS}) t(n)"
    )
    database.execute(
        f"INSERT INTO jobs SELECT jobs.* REPLACE (printf('%s%05d', jobs.id, t.n) AS id,"
        " printf('%s%05d', jobs.clip, t.n) AS clip, created - t.n AS created)"
        f" FROM jobs, range(1, {CLIPS}) t(n)"
    )
    database.execute(
        f"INSERT INTO steps SELECT steps.* REPLACE (printf('%s%05d', steps.id, t.n) AS id,"
        " printf('%s%05d', steps.job, t.n) AS job, printf('%s%05d', steps.clip, t.n) AS clip)"
        f" FROM steps, range(1, {CLIPS}) t(n)"
    )
    database.close()


def first(browser: Browser, url: str, state: Any) -> float:
    """Milliseconds until the first rows are painted, of a browser that never was there."""
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        page.add_init_script(ROWS)
        time.sleep(SETTLED_S)
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => window.rowsAt", timeout=20_000)
        return float(page.evaluate("() => window.rowsAt"))
    finally:
        context.close()


def told(shown: Shown, tab: Tab) -> Iterator[float]:
    """Milliseconds from each event of a job that is held and released to its row; its sink rests."""
    client = shown.client
    client.switch("pause", ["raid"])
    name = shown.put("Z001C001.braw", 100_000, card="Z001").name
    wait_until(lambda: name in shown.by_name(), timeout_s=30, what="its job")
    job = shown.by_name()[name]
    tab.show("/queue?state=all")
    selector = f"[data-job='{job['id']}']"
    tab.page.locator(selector).wait_for()
    for turn in range(EVENTS):
        verb, text = ("hold", "Held by") if turn % 2 == 0 else ("release", "Paused by")
        time.sleep(APART_S)
        tab.page.evaluate(SHOWS, [selector, text])
        at = time.time()
        client.queue(verb, [job["id"]])
        tab.page.wait_for_function("() => window.shownAt", timeout=20_000)
        yield 1000 * (tab.page.evaluate("() => window.shownAt") - at)


@contextmanager
def bare() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, str(BARE), str(port)])
    try:
        origin = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{origin}/"), timeout_s=20, what="the bare page")
        yield origin
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.URLError:
        return False


def echoed(browser: Browser, origin: str) -> Iterator[float]:
    """The same of an event that is told and shown, and nothing else."""
    page: Page = browser.new_page()
    page.goto(f"{origin}/echo")
    time.sleep(APART_S)
    for turn in range(1, EVENTS + 1):
        page.evaluate(SHOWS, ["#told", f"event {turn}"])
        with urllib.request.urlopen(urllib.request.Request(f"{origin}/happen", method="POST")) as answer:
            at = json.load(answer)["at"]
        page.wait_for_function("() => window.shownAt", timeout=20_000)
        yield 1000 * (page.evaluate("() => window.shownAt") - at)
    page.close()


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def row(name: str, value: float | None, reference: float | None, most: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": None if value is None else round(value, 1),
        "unit": "ms",
        "reference": None if reference is None else round(reference, 1),
        "ratio": None if value is None or not reference else round(value / reference, 1),
        "target": None if most is None else f"<= {most}",
        "holds": None if value is None or most is None else value <= most,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
