"""How components are here: as the running pipeline has them, else what `check` finds, not looked at twice."""

from __future__ import annotations

from collections.abc import Sequence

from rushes.doctor.finding import Finding, Patient
from rushes.engine.check import check, with_live


async def services(patient: Patient) -> Sequence[Finding]:
    """A finding for each component; only their options are looked at where nothing runs and nothing may be opened."""
    if patient.pipeline is None:
        return []
    document = await check(patient.pipeline, patient.settings, connect=patient.connect)
    if patient.live is not None:
        document = with_live(document, patient.live)
    return [
        Finding(each["kind"], "ok", f"{each['id']}: {_now(patient, each['id'])}")
        if each["ok"]
        else Finding(each["kind"], "trouble", f"{each['id']}: {each['error']}")
        for each in document["components"]
    ]


def _now(patient: Patient, component: str) -> str:
    """How the running pipeline has it; whoever was added to the file since is not in that pipeline yet."""
    if patient.live is None:
        return "opens" if patient.connect else "its options are sound; --connect tries it"
    states = {each["id"]: each["state"] for each in patient.live["components"]}
    return str(states.get(component, "not in the running pipeline yet"))
