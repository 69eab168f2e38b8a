"""Checklist: who is connected to what, log out, disconnect, forgotten by the project, other projects."""

from __future__ import annotations

import pytest

from journeys.frameio.device import IN_FLIGHT
from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(60)

PART_BYTES = 256 * 1024
NOT_AUTHORISED = 5
NAMES = ("Sandbox Project", "Nocturne", "Sandy Box", "RUSHES-SANDBOX")


def no_names_in(text):
    return not any(name in text for name in NAMES)


def test_project_and_user_are_shown(device):
    """The project's name and the person who paired are shown when connected, as long as it is."""
    device.start_paired("Nocturne")
    whoami = device.frameio("whoami")
    assert whoami.status == 0
    lines = dict(line.split(maxsplit=1) for line in whoami.out.splitlines())
    assert (lines["state"], lines["project"], lines["user"]) == ("connected", "Nocturne", "Sandy Box")
    # Who pairs by code tells no e-mail; an app's login does (test_qa_app_login.py).
    assert lines["e-mail"] == "not told"
    status = device.verb("status", str(device.file))
    assert "connected, project Nocturne, user Sandy Box" in status.out
    assert device.sandbox.breaches() == []


@pytest.mark.parametrize("verb", ["logout", "disconnect"])
def test_leaving_the_project(device, verb):
    """Log out and disconnect work, and take the device out of the project; no name of it is shown any more."""
    run = device.start_paired()
    clip = device.put("A001C001.braw", PART_BYTES)
    wait_until(device.job_is(clip.name, "done"), timeout_s=30, what="an upload", process=run)
    left = device.frameio(verb)
    assert (left.status, left.err) == (0, "")
    assert device.row()["forgotten"]
    assert not device.row()["online"]
    wait_until(device.shows(connection="not authorised", project=None, user=None, device=None),
               timeout_s=30, what="a status without names", process=run)  # fmt: skip
    assert no_names_in(device.verb("status", str(device.file)).out)
    whoami = device.frameio("whoami")
    assert whoami.status == NOT_AUTHORISED
    assert no_names_in(whoami.out)
    later = device.put("A001C002.braw", PART_BYTES)
    wait_until(
        device.job_is(later.name, "waiting", "not paired"), timeout_s=30, what="the queue", process=run
    )
    device.pair()
    wait_until(device.job_is(later.name, "done"), timeout_s=30, what="the queue to go on", process=run)
    device.assert_delivered_once([clip, later])
    assert device.sandbox.breaches() == []


def test_forgotten_in_the_project(device):
    """Forgotten in the C2C Connections tab: it sees that by itself, drops the names, keeps the queue."""
    run = device.start_paired()
    clips = [device.put(f"A001C00{number}.braw", 8 * PART_BYTES) for number in range(1, 4)]
    device.hold_back(7, 0.4)
    wait_until(lambda: device.arrived() >= 3, timeout_s=30, what="some parts", process=run)
    device.order("forget")
    wait_until(device.shows(connection="not authorised", project=None, user=None, device=None),
               timeout_s=30, what="that it was forgotten", process=run)  # fmt: skip
    assert no_names_in(device.verb("status", str(device.file)).out)
    wait_until(lambda: device.states() == {"waiting": len(clips)}, timeout_s=30, what="rest", process=run)
    assert all("pipeline frameio pair" in job["reason"] for job in device.jobs())
    assert not device.row()["online"]
    device.sandbox.clear()
    device.pair()
    wait_until(lambda: device.states()["done"] == len(clips), timeout_s=30, what="the queue", process=run)
    device.assert_delivered_once(clips)
    assert len(device.sandbox.assets()) == len(clips)
    # Parts that were on their way when it was forgotten, again; of those that had been answered, none.
    assert 0 <= device.resent() <= IN_FLIGHT * PART_BYTES
    assert device.sandbox.breaches() == []


def test_another_project_is_chosen_and_the_queue_of_the_first_waits_for_it(device):
    """The account or project can be changed; what was shot for one project never goes to another."""
    run = device.start_paired("Sandbox Project")
    first = [device.put(f"A001C00{number}.braw", 8 * PART_BYTES) for number in range(1, 4)]
    device.hold_back(7, 0.4)
    wait_until(lambda: device.arrived() >= 2, timeout_s=30, what="some parts", process=run)
    device.pair("Nocturne")
    reason = "belongs to the project Sandbox Project, connected is Nocturne; connect Sandbox Project again"
    for clip in first:
        wait_until(device.job_is(clip.name, "waiting", reason), timeout_s=30, what=clip.name, process=run)
    assert reason in device.verb("queue", str(device.file), "list").out
    device.sandbox.clear()
    second = device.put("A002C001.braw", 2 * PART_BYTES)
    wait_until(device.job_is(second.name, "done"), timeout_s=30, what="the other project's", process=run)
    assert [asset["name"] for asset in device.complete()] == [second.name]
    device.pair("Sandbox Project")
    wait_until(lambda: device.states()["done"] == 4, timeout_s=30, what="the first queue", process=run)
    device.assert_delivered_once([*first, second])
    projects = {project["id"]: project["name"] for project in device.sandbox.ask("GET", "/_sandbox/projects")}
    went = {asset["name"]: projects[asset["project"]] for asset in device.sandbox.assets()}
    assert went == {**{clip.name: "Sandbox Project" for clip in first}, second.name: "Nocturne"}
    assert 0 <= device.resent() <= IN_FLIGHT * PART_BYTES
    assert device.sandbox.breaches() == []


def test_paused_is_shown_at_once_and_the_raw_status_never(device):
    """A pause of the project is told by the socket, within seconds; connected yes or no, paused yes or no."""
    run = device.start_paired()
    identified = len(device.row()["identified_at"])
    assert device.shows(connected=True, paused=False)()
    device.order("pause")
    wait_until(device.shows(paused=True), timeout_s=30, what="the pause", process=run)
    assert "(connected, project" in (text := device.verb("status", str(device.file)).out)
    assert ", paused, " in text
    device.order("resume")
    wait_until(device.shows(paused=False), timeout_s=30, what="the end of the pause", process=run)
    assert ", not paused, " in (text := device.verb("status", str(device.file)).out)
    whoami = device.frameio("whoami")
    assert "paused     no" in whoami.out
    assert "reachable  yes" in whoami.out
    # "online" is ours, of the socket; the service's word of three is no fact of ours.
    assert "offline" not in text + whoami.out
    assert "status" not in device.component()["facts"]
    # The socket told it: nobody asked.
    assert len(device.row()["identified_at"]) == identified


def test_online_in_the_project_while_it_runs_and_offline_after_that(device):
    """The C2C Connections tab shows the device online while it runs, offline when it does not."""
    run = device.start_paired()
    assert device.row()["online"]
    run.signal(15)
    assert run.wait(30) == 0
    wait_until(lambda: not device.row()["online"], timeout_s=30, what="offline")
    again = device.start()
    wait_until(lambda: device.row()["online"], timeout_s=30, what="online again", process=again)
    again.kill()
    wait_until(lambda: not device.row()["online"], timeout_s=30, what="offline after a kill")
