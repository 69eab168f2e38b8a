"""What may be written for a webhook, and that nothing of a secret address is ever told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from rushes import ConfigError
from rushes.config.load import load
from rushes.registry import Registry
from rushes_webhook import rushes_observers
from rushes_webhook.kinds import DEFAULT, KINDS, matcher
from rushes_webhook.options import WebhookOptions, addresses, notes
from webhook_rig import README, SECRET

ROOT = Path(__file__).parents[3]
HIDDEN = "https://me:pa55word@hooks.example.com:8443/T00/B00/xyzzy?token=t0ken"


def problem(**options):
    with pytest.raises(ValidationError) as failure:
        WebhookOptions(**({"url": "https://hooks.example.com", "secret": SECRET} | options))
    return failure.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example.com", "ftp://hooks.example.com/", "https://", "https:///path", "https://h:99999/",
     "https://h:0/", "https://h:port/", "https://h/a b", "https://h/\nx", "https://h/é", "https://[::1/",
     "https://h/#part", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_sentence(url):
    assert problem(url=url) == "Value error, is no web address; write https://HOST/PATH"


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "http://10.0.0.5/", "http://localhost.example.com/"]
)
def test_http_is_for_this_machine_alone(url):
    assert "http is for this machine alone" in problem(url=url)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", "LOCALHOST"])
def test_http_to_this_machine_is_taken(host):
    assert WebhookOptions(url=f"http://{host}:8080/x", secret=SECRET).origin == f"http://{host.lower()}:8080"


def test_the_origin_is_all_that_is_told_of_an_address():
    options = WebhookOptions(url=HIDDEN, secret=SECRET)
    assert options.origin == "https://hooks.example.com:8443"
    told = f"{options!r} {options} {options.model_dump_json()} {notes(options)}"
    for part in ("pa55word", "t0ken", "xyzzy", "T00", SECRET):
        assert part not in told


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("whsec_???", "is not base64"),
        ("whsec_c2hvcnQ=", "too short"),
        ("short", "too short"),
        (" ", "too short"),
    ],
)
def test_a_secret_that_cannot_be_one_is_refused_without_being_told(secret, sentence):
    said = problem(secret=secret)
    assert sentence in said
    assert len(secret) < 3 or secret.removeprefix("whsec_") not in said.replace("is too short", "")


@pytest.mark.parametrize("events", [["Step.done"], ["step done"], [""], [3], []])
def test_what_is_no_kind_of_event_is_refused(events):
    assert problem(events=events)


def test_patterns_choose_kinds():
    chosen = matcher(["step.*", "pipeline.started"])
    assert [kind for kind in KINDS if chosen.match(kind)] == [
        "pipeline.started", "step.announced", "step.done", "step.note", "step.parked", "step.started", "step.waiting",
    ]  # fmt: skip
    assert not matcher(["step"]).match("step.done")
    assert all(matcher(["*"]).match(kind) for kind in KINDS)


def test_a_pattern_that_matches_nothing_is_noted():
    [_, note] = notes(WebhookOptions(url=HIDDEN, secret=SECRET, events=["step.parkd", "step.done"]))
    assert note == "events: 'step.parkd' is no event that there is; see the README of rushes_webhook"


def test_a_variable_that_is_not_set_passes_the_check_with_a_note():
    note = notes(WebhookOptions(url=HIDDEN, secret=""))[-1]
    assert note == "no secret to sign with; set the variable that 'secret' refers to, and start again"
    [note] = notes(WebhookOptions(url=HIDDEN, secret=SECRET))
    assert note.endswith("a check never posts")


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "no such file"), ("not one", "holds no PEM certificates")]
)
def test_a_bad_ca_file_is_an_error_with_its_place(tmp_path, content, reason):
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(ConfigError, match=reason) as failure:
        notes(WebhookOptions(url=HIDDEN, secret=SECRET, ca_file=file))
    assert failure.value.option == "ca_file"


def test_the_kinds_are_those_that_the_engine_writes():
    source = "\n".join(path.read_text() for path in (ROOT / "core/rushes/engine").rglob("*.py"))
    subjects = {kind.partition(".")[0] for kind in KINDS}
    written = set(re.findall(rf'"((?:{"|".join(subjects)})\.[a-z_]+)"', source))
    made = {f"job.{verb}" for verb in ("top", "hold", "release", "retry", "cancel")}
    made |= {f"switch.{word}" for word in ("pause", "resume", "auto", "manual")}
    assert written | made == set(KINDS)


def test_the_readme_names_every_kind_and_the_default():
    listed = re.search(r"^The kinds,.*?^$", README.read_text(), re.MULTILINE | re.DOTALL)[0]
    assert set(re.findall(r"`([a-z.]+_?[a-z]*)`", listed)) == set(KINDS)
    assert {kind for kind in KINDS if matcher(DEFAULT).match(kind)} == set(
        re.findall(r"\*\*`([a-z._]+)`", listed)
    )


def test_a_pipeline_file_names_observers(tmp_path):
    file = tmp_path / "onset.yaml"
    file.write_text(
        "pipeline: onset\nstate: ./state\nsources: [{id: cards, use: folder, path: ./cards}]\n"
        "observers:\n  - {id: hook, use: webhook, url: '${URL}', secret: '${HOOK}', events: [step.done]}\n"
    )
    known = Registry.load()
    [hook] = load(file, known, {"URL": HIDDEN, "HOOK": SECRET}).observers
    assert (hook.id, hook.kind, hook.options.events) == ("hook", "observer", ("step.done",))
    assert hook.spec.name == rushes_observers()[0].name
    with pytest.raises(ConfigError) as failure:
        load(file, known, {"URL": "http://me:pa55word@example.com/?t0ken", "HOOK": "whsec_sup3r-s3cret!"})
    for error in (failure.value, *failure.value.others):
        assert not re.search(r"pa55word|t0ken|s3cret", f"{error} {error.excerpt}")
    assert len(failure.value.others) == 1
    file.write_text(file.read_text().replace("${HOOK}", SECRET))
    with pytest.raises(ConfigError, match="secret") as failure:
        load(file, known, {"URL": HIDDEN})
    assert SECRET not in f"{failure.value} {failure.value.excerpt}"


def test_the_doctor_gets_no_secret_of_the_address():
    options = WebhookOptions(url="https://me:pass@hooks.example.com:8443/T0KEN?k=1", secret=SECRET)
    assert addresses(options) == ("https://hooks.example.com:8443",)
