"""A pipeline that tells a webhook is killed again and again: every event arrives, a repeated one under its own id."""

from __future__ import annotations

import json
import signal
from collections import defaultdict

import pytest

from journeys.harness import wait_until
from rushes.ledger import FILE_NAME, open_database
from rushes_sandbox.authority import open_authority
from rushes_webhook.kinds import DEFAULT, matcher
from webhook_rig import SECRET, receiving, verify

pytestmark = pytest.mark.timeout(90)
CLIPS = 30


@pytest.fixture
def hooked(bare, tmp_path):
    """A journey whose pipeline has a webhook at a receiver over TLS."""
    authority = open_authority(tmp_path / "tls")
    with receiving(authority.server_context()) as receiver:
        bare.stage.env["RUSHES_HOOK_SECRET"] = SECRET
        bare.stage.env["HOOK_URL"] = receiver.url.replace("https://", "https://me:pa55word@") + "?token=t0ken"
        bare.receiver = receiver
        bare.write_pipeline(when="true", sinks=[bare.disk()])
        document = json.loads(bare.file.read_text())
        hook = {
            "id": "hook",
            "use": "webhook",
            "url": "${HOOK_URL}",
            "secret": "${RUSHES_HOOK_SECRET}",
            "ca_file": str(authority.ca_file),
        }
        bare.file.write_text(json.dumps(document | {"observers": [hook]}, indent=2))
        yield bare


def wanted(journey):
    """The `seq` of each event in the ledger that the webhook is to post, with its kind."""
    database = open_database(journey.stage.state / FILE_NAME, read_only=True)
    try:
        rows = database.read(lambda query: query("SELECT seq, kind FROM events ORDER BY seq"))
    finally:
        database.close()
    return {seq: kind for seq, kind in rows if matcher(DEFAULT).match(kind)}


def assert_all_told(journey):
    kinds, ids, bodies = {}, defaultdict(set), defaultdict(set)
    verified = verify()
    for post in journey.receiver.taken:
        assert verified(SECRET, post.headers, post.body)
        seq = post.document["data"]["seq"]
        kinds[seq] = post.document["type"]
        ids[seq].add(post.id)
        bodies[post.id].add(post.body)
    assert kinds == wanted(journey)
    assert all(len(each) == 1 for each in ids.values())
    assert all(len(each) == 1 for each in bodies.values())
    assert len(bodies) == len(ids)
    firsts = list(dict.fromkeys(journey.receiver.seqs()))
    assert firsts == sorted(firsts)


def test_killed_again_and_again_nothing_is_lost_and_repeats_carry_their_ids(hooked):
    for number in range(CLIPS):
        hooked.put(f"C{number:02}.bin", 1000)
    receiver = hooked.receiver
    for more in (3, 20, 45):
        run = hooked.run()
        wait_until(lambda more=more: len(receiver.taken) >= more, timeout_s=30, what="posts", process=run)
        run.kill()
    assert hooked.run("--once").wait(40) == 0
    # What the last seconds of a run did not take comes with the next.
    assert hooked.run("--once").wait(40) == 0
    assert_all_told(hooked)
    kinds = [document["type"] for document in receiver.documents()]
    assert len(set(receiver.seqs())) < len(kinds)
    assert kinds.count("pipeline.started") >= 5
    assert kinds[-1] == "pipeline.stopped"
    done = [document for document in receiver.documents() if document["type"] == "step.done"]
    assert {document["data"]["clip"]["name"] for document in done} == {f"C{n:02}.bin" for n in range(CLIPS)}
    assert all(document["data"]["route"] == "all" for document in done)
    assert all(document["pipeline"] == "journey" for document in done)


def test_a_receiver_that_is_away_is_told_in_status_and_holds_up_no_clip(hooked):
    names = [hooked.put(f"C{number}.bin", 1000).name for number in range(3)]
    receiver = hooked.receiver
    receiver.answers = [503] * 10_000
    run = hooked.start()
    wait_until(lambda: hooked.states() == {"done": 3}, timeout_s=30, what="clips", process=run)
    wait_until(lambda: hook(hooked)["state"] == "unavailable", timeout_s=20, what="the hook", process=run)
    told = hook(hooked)
    origin = receiver.url.removesuffix("/rushes")
    answered = f"{origin} answered 503 Service Unavailable to pipeline.started"
    assert told["reason"] == f"{answered}; it is posted again by itself"
    assert told["facts"]["events_left"] > 5
    # While it opens once more it is no trouble for a moment.
    wait_until(
        lambda: told["reason"] in str(hooked.ask("status")["attention"]),
        timeout_s=30, what="attention", process=run,
    )  # fmt: skip
    receiver.answers.clear()
    wait_until(lambda: hook(hooked)["facts"]["events_left"] == 0, timeout_s=30, what="posts", process=run)
    run.signal(signal.SIGINT)
    assert run.wait(15) == 0
    assert_all_told(hooked)
    assert {path.name for path in hooked.raid.rglob("*.bin")} == set(names)
    written = [run.out.read_text(), json.dumps(hooked.ask("status"))]
    written += [path.read_text(errors="replace") for path in hooked.stage.state.rglob("*.log")]
    for hidden in (SECRET, SECRET[6:], "pa55word", "t0ken"):
        assert not any(hidden in text for text in written)


def hook(journey):
    [found] = [each for each in journey.ask("status")["components"] if each["id"] == "hook"]
    return found


def test_a_check_says_what_is_posted_where_and_posts_nothing(hooked):
    [told] = [each for each in hooked.ask("check", "--connect")["components"] if each["id"] == "hook"]
    assert told["ok"], told
    origin = hooked.receiver.url.removesuffix("/rushes")
    assert told["notes"][0].startswith(f"{origin}: gets signed posts of clip.admitted, ")
    assert told["notes"][0].endswith("a check never posts")
    assert hooked.receiver.connections == 1
    assert hooked.receiver.posts == []
