"""Checklist: what people choose: automatic or by hand, one or several, first, paused, cancelled."""

from __future__ import annotations

import pytest

from journeys.harness import wait_until

pytestmark = pytest.mark.timeout(60)

PART_BYTES = 256 * 1024
#: So many parts stop in their middle until the faults are cleared.
HANGS = 100


def queue(device, verb, *arguments):
    """Run `pipeline queue FILE VERB ARGUMENTS`."""
    said = device.verb("queue", str(device.file), verb, *arguments)
    assert (said.status, said.err) == (0, "")
    return said.out


def shoot(device, run, *names, parts=1, state="waiting"):
    """Clips that are known and, unless told otherwise, wait; returns their job ids."""
    for name in names:
        device.put(name, parts * PART_BYTES)
    for name in names:
        wait_until(device.job_is(name, state), timeout_s=30, what=f"{name} to be {state}", process=run)
    return [device.by_name()[name]["id"] for name in names]


def done(device, run, *names):
    for name in names:
        wait_until(device.job_is(name, "done"), timeout_s=30, what=f"{name} to be done", process=run)


def arrived_names(device):
    return {asset["name"] for asset in device.sandbox.assets()}


def test_automatic_uploads_are_switched_off_and_on(device):
    """All files go up automatically, or that is switched off and files are chosen later: one, or several at once."""
    run = device.start_paired()
    assert queue(device, "manual") == "every route: new jobs wait for release\n"
    names = [f"A001C00{number}.braw" for number in range(1, 5)]
    one, two, three, _four = shoot(device, run, *names)
    assert device.sandbox.assets() == []
    queue(device, "release", one)
    done(device, run, names[0])
    assert queue(device, "release", two, three) == "2 jobs released\n"
    done(device, run, *names[1:3])
    assert arrived_names(device) == set(names[:3])
    # From now on by themselves; what waited before is still a person's to choose.
    assert queue(device, "auto") == "every route: new jobs start by themselves\n"
    shoot(device, run, "A001C005.braw", state="done")
    assert device.job_is(names[3], "waiting")()
    queue(device, "release", "--all")
    done(device, run, names[3])
    assert arrived_names(device) == {*names, "A001C005.braw"}
    assert device.sandbox.breaches() == []


def test_a_clip_that_no_route_wanted_is_added_by_hand(device):
    """Users select individual assets to add to the upload queue, whatever the rules say."""
    device.write_pipeline(when="false")
    run = device.start_paired()
    paths = [device.put(name, PART_BYTES) for name in ("A001C001.braw", "A001C002.braw", "A001C003.braw")]
    wait_until(
        lambda: device.client.status()["counts"]["clips"] == 3, timeout_s=30, what="clips", process=run
    )
    queue(device, "add", paths[0].name, paths[2].name, "--to", "frameio")
    done(device, run, paths[0].name, paths[2].name)
    assert arrived_names(device) == {paths[0].name, paths[2].name}


def test_uploads_are_paused_here_and_one_is_moved_to_the_top(device):
    """Uploading is paused and resumed by the user; an asset is moved to the top of the queue."""
    device.write_pipeline(when="true", slots=1)
    run = device.start_paired()
    assert queue(device, "pause", "frameio") == "frameio: paused\n"
    names = [f"A001C00{number}.braw" for number in range(1, 5)]
    ids = shoot(device, run, *names)
    assert device.sandbox.assets() == []
    queue(device, "top", ids[-1])
    assert queue(device, "resume") == "every sink: sends again\n"
    done(device, run, *names)
    rest = [job["name"] for job in device.jobs() if job["name"] != names[-1]]
    assert [asset["name"] for asset in device.sandbox.assets()] == [names[-1], *rest]


def test_a_type_goes_first(device):
    """Specific file types are prioritised, such as proxies over their heroes."""
    first = {"id": "proxies", "when": "extension = 'bin'", "to": ["frameio"], "priority": 100}
    device.write_pipeline(when="extension <> 'bin'", routes=[first], slots=1)
    run = device.start_paired()
    queue(device, "pause")
    heroes = ["A001C001.braw", "A001C002.braw"]
    shoot(device, run, *heroes)
    shoot(device, run, "A001C001.bin")
    queue(device, "resume")
    done(device, run, *heroes)
    assert [asset["name"] for asset in device.sandbox.assets()] == ["A001C001.bin", *heroes]


def test_one_upload_is_cancelled_in_the_middle_of_a_part(device):
    """A single upload is cancelled, in the middle of a part; the others go on."""
    run = device.start_paired()
    device.sandbox.fault("PUT /uploads/", hang=True, cut_after=PART_BYTES // 2, times=HANGS)
    [stuck] = shoot(device, run, "A001C001.braw", state="running")
    parts_hang(device, run, 1)
    shoot(device, run, "A001C002.braw", parts=2, state="done")
    assert device.job_is("A001C001.braw", "running")()
    assert queue(device, "cancel", stuck) == "1 job cancelled\n"
    wait_until(device.job_is("A001C001.braw", "cancelled", "cancelled by a person"), timeout_s=30,
               what="the end", process=run)  # fmt: skip
    wait_until(lambda: device.client.status()["current"] == [], timeout_s=30, what="no work", process=run)
    device.sandbox.clear()
    # Nothing of it comes after that; the slot that it had is free.
    shoot(device, run, "A001C003.braw", "A001C004.braw", "A001C005.braw", state="done")
    assert [asset["name"] for asset in device.sandbox.assets() if asset["state"] != "complete"] == [
        "A001C001.braw"
    ]
    assert device.component()["state"] == "open"
    assert device.sandbox.breaches() == []


def test_all_uploads_are_cancelled_in_the_middle_of_their_parts(device):
    """All uploads are cancelled at once, in the middle of their parts; what is shot afterwards goes up."""
    run = device.start_paired()
    device.sandbox.fault("PUT ", hang=True, cut_after=PART_BYTES // 2, times=HANGS)
    names = [f"A001C00{number}.braw" for number in range(1, 6)]
    for name in names:
        device.put(name, 4 * PART_BYTES)
    wait_until(lambda: len(device.jobs()) == len(names), timeout_s=30, what="jobs", process=run)
    parts_hang(device, run, 2)
    assert queue(device, "cancel", "--all") == "5 jobs cancelled\n"
    wait_until(lambda: device.states() == {"cancelled": 5}, timeout_s=30, what="their end", process=run)
    wait_until(lambda: device.client.status()["current"] == [], timeout_s=30, what="no work", process=run)
    device.sandbox.clear()
    counts = device.client.status()["counts"]
    assert (counts["files_remaining"], counts["bytes_remaining"]) == (0, 0)
    shoot(device, run, "A001C006.braw", state="done")
    assert [asset["name"] for asset in device.complete()] == ["A001C006.braw"]
    # One of them after all: it begins again where it was, and is whole.
    queue(device, "retry", device.by_name()[names[0]]["id"])
    done(device, run, names[0])
    assert len([asset for asset in device.sandbox.assets() if asset["name"] == names[0]]) == 1
    assert device.sandbox.breaches() == []


def parts_hang(device, run, count):
    """Wait until so many parts have begun; their ends will not be taken."""

    def hanging():
        return HANGS - sum(rule["times"] for rule in device.sandbox.ask("GET", "/_sandbox/faults")) >= count

    wait_until(hanging, timeout_s=30, what="parts", process=run)
