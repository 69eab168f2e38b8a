"""Every view as axe-core sees it, in light and dark, on a tablet, a wide screen and a phone; and as people see it."""

from __future__ import annotations

import pytest

from browser_rig import AXE, PART_BYTES, SCHEMES, SIZES, Shown, Tab
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(110)

#: What is in a view when it stands.
VIEWS = {
    "overview": ("/", ".left"),
    "queue": ("/queue", "[data-job]"),
    "queue-failed": ("/queue?state=parked", "[data-job]"),
    "queue-all": ("/queue?state=all", "[data-job]"),
    "clips": ("/clips", "a[href^='#/clips/']"),
    "clip": ("/clips/{clip}", ".happened"),
    "attention": ("/attention", "main li"),
    "connection": ("/connection/frameio", ".manager"),
    "report": ("/report", ".report-row"),
}
#: The least that a finger hits.
TAP_PX = 44
SMALL = """(least) => [...document.querySelectorAll(
    'main :is(button, select, input, summary), main .button, main .chip, header a, footer a')]
  .filter((each) => each.checkVisibility() && !each.disabled)
  .map((each) => [(each.matches('input') && each.closest('label')) || each, each])
  .map(([area, each]) => [area.getBoundingClientRect(), each])
  .filter(([{ width, height }]) => Math.max(width, height) > 1 && (width < 24 || height < least - 0.5))
  .map(([{ width, height }, each]) =>
    `${Math.round(width)} x ${Math.round(height)}: ${each.outerHTML.slice(0, 120)}`)"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def shown(tmp_path_factory, browser):
    """A day in the middle: something is sent, queued, waits, failed, was delivered, and cannot be told apart."""
    with Shown(tmp_path_factory.mktemp("views")) as shown:
        shown.write()
        shown.pair()
        shown.refuse_next_asset()
        shown.put("A001C001.braw", PART_BYTES)
        shown.serve()
        wait_until(shown.job_is("A001C001.braw", "parked"), timeout_s=40, what="the refusal")
        shown.put("A001C002.braw", PART_BYTES)
        shown.add_ambiguous()
        wait_until(lambda: shown.states()["done"] == 4, timeout_s=40, what="deliveries")
        shown.hold_back(2, 0)
        for number in range(3, 12):
            shown.put(f"A001C{number:03}.braw", 4 * PART_BYTES)
        wait_until(lambda: shown.states()["ready"] >= 6, timeout_s=40, what="a queue")
        shown.clip = next(job["clip"] for job in shown.jobs() if job["card"] == "NAS")
        yield shown


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_views(browser, shown, size, scheme):
    """No serious or critical finding; nothing is wider than the screen; what is pressed is large enough for a thumb."""
    found: dict[str, list[str]] = {}
    with Tab(browser, shown, size=size, scheme=scheme, touch=size != "wide") as tab:
        tab.sign_in()
        for name, (address, there) in VIEWS.items():
            tab.show(address.format(clip=shown.clip))
            tab.page.locator(there).first.wait_for()
            tab.shoot(name)
            wider = tab.page.evaluate(WIDER)
            found[name] = [
                *(tab.axe() if AXE.exists() else []),
                *([f"{wider} px wider than the screen"] if wider > 0 else []),
                *(f"small: {each}" for each in tab.page.evaluate(SMALL, TAP_PX)),
            ]
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_report_of_a_day(browser, shown, tmp_path):
    """From the overview: what is not delivered stands first, then the day; it is saved and printed from there."""
    with Tab(browser, shown, size="tablet", touch=True) as tab:
        tab.sign_in()
        # Whether a card may be formatted is seen at once.
        cards = tab.page.get_by_role("region", name="Cards")
        cards.get_by_role("listitem").filter(has_text="TWO").get_by_text("All delivered").wait_for()
        cards.get_by_role("listitem").filter(has_text="A001").get_by_text("Frame.io 1 of 11").wait_for()
        tab.page.get_by_role("link", name="Report of the day").tap()
        missing = tab.page.get_by_role("region", name="Not delivered yet")
        missing.get_by_role("listitem").first.get_by_text("Failed").wait_for()
        assert missing.get_by_role("link").first.text_content() == "A001C001.braw"
        missing.get_by_text("A001 · to Frame.io").first.wait_for()
        named = tab.page.get_by_role("table").get_by_role("link")
        assert missing.bounding_box()["y"] < named.first.bounding_box()["y"]
        report = shown.client.day("")
        assert named.count() == min(50, len(report["clips"]))
        tab.page.get_by_label("Shooting day").get_by_role("option", selected=True).wait_for(state="attached")

        with tab.page.expect_download() as saving:
            tab.page.get_by_role("link", name="Download CSV").tap()
        saving.value.save_as(tmp_path / "day.csv")
        assert saving.value.suggested_filename == f"page-{report['day']}.csv"
        assert (tmp_path / "day.csv").read_bytes().startswith(b'\xef\xbb\xbf"day"')

        with tab.page.expect_popup() as printing:
            tab.page.get_by_role("link", name="Print or save as PDF").tap()
        paper = printing.value
        paper.get_by_role("heading", name=f"page: shooting day {report['day']}").wait_for()
        assert paper.title() == f"page: shooting day {report['day']}"
        # Its own style, which the policy of the page itself would stop.
        assert (
            paper.locator("table").first.evaluate("(each) => getComputedStyle(each).borderCollapse")
            == "collapse"
        )
        assert paper.locator(".hint").is_visible()
        paper.emulate_media(media="print")
        assert not paper.locator(".hint").is_visible()


def test_the_days_are_asked_for_after_the_clips_and_one_is_chosen(browser, shown):
    with Tab(browser, shown) as tab:
        tab.sign_in()
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url.removeprefix(shown.origin)))
        tab.show("/clips")
        choice = tab.page.get_by_label("Shooting day")
        day = shown.client.days()["days"][0]
        tab.wait("() => [...document.querySelectorAll('.clip-days option')].length > 1")
        lists = [at for at, url in enumerate(asked) if url.startswith("/v1/clips?")]
        assert asked.index("/v1/reports") > lists[0]
        assert f"({day['clips']})" in choice.get_by_role("option").nth(1).text_content()
        choice.select_option(day["day"])
        tab.wait("(day) => location.hash.includes(`day=${day}`)", day["day"])
        tab.page.get_by_role("link", name="Report of the day").click()
        tab.wait("(day) => location.hash === `#/report/${day}`", day["day"])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sign_in(browser, shown, scheme):
    with Tab(browser, shown, size="phone", scheme=scheme) as tab:
        tab.expect("status of 401")
        tab.page.goto(f"{shown.origin}/")
        tab.page.get_by_label("Code").wait_for()
        tab.shoot("signin")
        assert not AXE.exists() or tab.axe() == []


def test_axe_was_there():
    """Says so where it was not."""
    if not AXE.exists():
        pytest.skip(f"no {AXE.name} in build/page: make page fetches it")
    assert "axe" in AXE.read_text("utf-8")[:100]
