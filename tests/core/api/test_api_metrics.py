"""What Prometheus reads, as its own parser understands it."""

from __future__ import annotations

import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

from api_rig import asking

SECRET = "hunter2-token"
WORK = {
    "job": "j1",
    "step": "s1",
    "clip": "c1",
    "name": "A001C001.mov",
    "done": 5,
    "total": 10,
    "growing": False,
}


async def read(control) -> dict[str, float]:
    """By name with its labels, the value."""
    async with asking(control) as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(response.text))
    assert all(family.documentation for family in families)
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


async def test_numbers_of_the_pipeline(control):
    control.happen(4)
    told = await read(control)
    assert told["rushes_clips"] == 2
    assert told["rushes_jobs state=done"] == 1
    assert told["rushes_files_remaining"] == 1
    assert told["rushes_bytes_remaining"] == 5_000_000
    assert told["rushes_events_total"] == 4
    assert told["rushes_backlog"] == 3
    assert told["rushes_ledger_trouble"] == 0
    assert told["rushes_start_time_seconds"] == 1700000000
    assert told["rushes_component_up component=cloud kind=sink use=frameio"] == 1
    assert told["rushes_delivery_bytes_per_second sink=cloud"] == 0


async def test_rates_add_up_and_trouble_is_told(control):
    away = {
        "id": "shelf",
        "use": "disk",
        "kind": "sink",
        "state": "unavailable",
        "reason": "gone",
        "facts": {},
    }
    control.news = {
        "components": [away | {"actions": []}],
        "current": [
            WORK | {"component": "shelf", "verb": "deliver", "rate": 10.0, "eta_s": 1.0},
            WORK | {"component": "shelf", "verb": "deliver", "rate": None, "eta_s": None},
            WORK | {"component": "shelf", "verb": "deliver", "rate": 5.0, "eta_s": 1.0},
            WORK | {"component": "proxy", "verb": "apply", "rate": 99.0, "eta_s": 1.0},
        ],
    }
    control.trouble = "the disk is full"
    told = await read(control)
    assert told["rushes_delivery_bytes_per_second sink=shelf"] == 15
    assert told["rushes_component_up component=shelf kind=sink use=disk"] == 0
    assert told["rushes_ledger_trouble"] == 1
    assert not [name for name in told if "proxy" in name]


async def test_neither_clips_nor_what_components_say(control):
    component = {
        "id": "cloud",
        "use": "frameio",
        "kind": "sink",
        "state": "open",
        "reason": SECRET,
        "actions": [],
    }
    control.news = {
        "components": [component | {"facts": {"email": SECRET}}],
        "current": [WORK | {"component": "cloud", "verb": "deliver", "rate": 1.0, "eta_s": 1.0}],
        "attention": [
            {"subject": SECRET, "reason": SECRET, "remedy": SECRET, "things": 1, "by_itself": False}
        ],
    }
    told = await read(control)
    assert told["rushes_attention"] == 1
    assert not [name for name in told if SECRET in name or "A001C001" in name]


def test_nobody_pays_for_it_who_does_not_ask():
    code = "import sys, rushes.api.app; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
