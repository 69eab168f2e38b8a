"""A real run with its page, and a real browser in front of it, which forgives nothing.

with Shown(folder) as shown, browsing() as browser, Tab(browser, shown) as tab:
    tab.sign_in()
    tab.show("/queue")
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from journeys.harness import Journey, wait_until
from journeys.many import make_picture, make_sound, tag_picture
from rushes.api.client import Client, connect
from rushes_sandbox.stage import Process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

BUILD = Path(__file__).resolve().parents[1] / "build" / "page"
#: Where `make page` puts axe-core; without it nothing is looked at by axe.
AXE = BUILD / "axe.min.js"
#: Screenshots are kept where this is in the environment.
SHOTS = "PAGE_SHOTS"
SIZES = {"tablet": (768, 1024), "wide": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")
MIB = 1024 * 1024
#: A part at the sandbox, and how many of the page's clip have any difference to see.
PART_BYTES = 256 * 1024


def missing() -> str:
    """Why no browser can be had here, "" where one can."""
    if importlib.util.find_spec("playwright") is None:
        return "no playwright: make page installs it"
    return "" if chromium() else "no chromium: make page installs it"


def chromium() -> str | None:
    """Debian's browser, or one of a system that calls it otherwise."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window. Ends with everything that it opened."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Shown(Journey):
    """A pipeline whose page is served at one address, also when it is started again."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.start_sandbox("--part-size", "256KiB", "--minute", "1ms")

    def write(self, **changes: Any) -> None:
        """Pictures go to Frame.io, sounds to a disk; sounds are matched to pictures."""
        frameio = {
            "id": "frameio",
            "use": "frameio",
            "api_url": self.sandbox.url,
            "ca_file": self.sandbox.ca_file,
        }
        sounds = {"id": "sounds", "when": "kind = 'audio'", "to": ["raid"]}
        document = {
            "pipeline": "page", "state": "./state",
            "sources": [
                {"id": "cards", "use": "folder", "path": str(self.cards), "settle": "300ms", "patience": "300ms"}
            ],
            "prepare": ["probe", "match"],
            "sinks": [{**frameio, "parts_in_flight": 1}, self.disk()],
            "routes": [{"id": "pictures", "when": "kind = 'video'", "to": ["frameio"]}, sounds],
        }  # fmt: skip
        self.file.write_text(json.dumps({**document, **changes}, indent=2), "utf-8")

    def serve(self) -> Process:
        """Run it with its page until it is stopped; returns once both can be asked."""
        run = self.run("--page", f"127.0.0.1:{self.port}")
        wait_until(lambda: connect(self.stage.state) is not None, timeout_s=40, what="the API", process=run)
        return run

    @property
    def client(self) -> Client:
        client = connect(self.stage.state)
        assert client is not None, "no pipeline runs"
        return client

    def add_ambiguous(self) -> tuple[str, str, str]:
        """Two cards whose cameras counted alike, without timecode, and a proxy of one of them: their paths."""
        made = make_picture(self.stage.root / "made.mov").read_bytes().replace(b"tmcd", b"none")
        paths = ("NAS/Proxy/C0001.mov", "ONE/C0001.mov", "TWO/C0001.mov")
        for number, path in enumerate(paths):
            file = self.cards / path
            file.parent.mkdir(parents=True)
            # A box that is skipped tells them apart.
            file.write_bytes(made + struct.pack(">I4sI", 12, b"free", number))
        return paths

    def add_two_takes(self) -> None:
        """A picture without timecode, two sounds of its day, scene and take, of one name: nothing tells which."""
        picture = self.cards / "A001" / "A001C001.mov"
        picture.parent.mkdir()
        made = {"scene": "12", "take": "3", "creation_time": "2026-11-22T10:30:00Z"}
        tag_picture(make_picture(self.stage.root / "take.mov"), picture, **made)
        for number, card in enumerate(("SND01", "SND02")):
            file = self.cards / card / "261122" / "12-T003.wav"
            file.parent.mkdir(parents=True)
            make_sound(file, number, scene="12", take="3", hour=10 + number)

    def refuse_next_asset(self) -> None:
        """Frame.io says once that it will never take the next clip."""
        fault = {"match": "POST /v2/devices/assets", "times": 1, "status": 422, "title": "Invalid Arguments"}
        self.sandbox.ask("POST", "/_sandbox/faults", [fault])

    def confirm(self, code: str) -> None:
        """As a person who enters the six digits in the project."""
        self.sandbox.ask("POST", "/_sandbox/confirm", {"user_code": code})

    def goes_next(self, name: str) -> bool:
        """Whether nothing that is ready is before it; it may have begun."""
        return self.order()[:1] == [name] or self.by_name()[name]["state"] == "running"

    def order(self) -> list[str]:
        """Names of what is ready, in the order in which it will run."""
        return [job["name"] for job in self.client.jobs(["ready"], order="queue")["jobs"]]


class Tab:
    """One tab. Leave it and every complaint of the browser, and each request to elsewhere, fails the test."""

    def __init__(
        self,
        browser: Browser,
        shown: Shown,
        *,
        size: str = "wide",
        scheme: str = "light",
        touch: bool = False,
    ) -> None:
        width, height = SIZES[size]
        self.size, self.scheme = size, scheme
        self.shown = shown
        self.problems: list[str] = []
        #: Media without a picture that can be decoded answer so.
        self._expected: list[re.Pattern[str]] = [re.compile(r"404 .*/v1/clips/\w+/(picture|media)\b")]
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch,
            reduced_motion="reduce", locale="en-GB", service_workers="block",
        )  # fmt: skip
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._problem(f"uncaught: {error}"))
        self.page.on("request", self._request)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_error: object) -> None:
        self._context.close()
        if kind is None:
            assert not self.problems, "\n".join(self.problems)

    def expect(self, complaint: str) -> None:
        """From now on a complaint in which that regular expression is found is none."""
        self._expected.append(re.compile(complaint))

    def sign_in(self) -> None:
        """By a one-time link, as from `pipeline open`; the first question of somebody unknown is refused."""
        self.expect("status of 401")
        self.page.goto(self.shown.client.link(10)["url"])
        self.button("Open the page").click()
        self.page.get_by_role("navigation", name="Views").first.wait_for()
        self._expected.pop()

    def show(self, address: str) -> None:
        """The view of an address, as a person who follows a link; returns once its heading is there."""
        self.page.evaluate("(to) => { location.hash = to }", address)
        self.page.get_by_role("heading", level=1).first.wait_for()

    def settle(self) -> None:
        """Until nothing is loaded any more and two frames were drawn."""
        self.page.wait_for_function(
            "() => ![...document.images].some((image) => image.offsetParent && !image.complete)"
        )
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first

    def text(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_text(words).first

    def wait(self, expression: str, argument: object = None) -> None:
        """Until that holds in the page."""
        self.page.wait_for_function(expression, arg=argument)

    def shoot(self, name: str) -> None:
        """Keep what is seen, where somebody will look at it."""
        if SHOTS in os.environ:
            self.settle()
            BUILD.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(BUILD / f"{name}-{self.size}-{self.scheme}.png"))

    def axe(self) -> list[str]:
        """What axe-core finds serious or critical here, one line each."""
        self.settle()
        # In the world of the debugger, which the page's policy does not govern.
        self.page.evaluate(AXE.read_text("utf-8") + "\n;null")
        found: Mapping[str, Any] = self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations']})"
        )
        return [
            f"{each['id']} ({each['impact']}): {node['target']} {node['html'][:160]}"
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._problem(f"{message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.shown.origin}/", "data:", "blob:")):
            self._problem(f"a request to elsewhere: {request.url}")

    def _problem(self, text: str) -> None:
        if not any(pattern.search(text) for pattern in self._expected):
            self.problems.append(text)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
