"""Looks at certificates in files: the page's own, and the authorities that components believe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography import x509

from rushes.doctor.finding import CA_FILE, Finding, Patient

LEAST_DAYS = 14


def certificates(patient: Patient) -> Sequence[Finding]:
    """Each can be read and is valid, for some time to come."""
    return [_looked_at(who, path) for who, path in _named(patient)]


def _named(patient: Patient) -> Iterator[tuple[str, Path]]:
    if patient.settings.page_certificate is not None:
        yield "page", patient.settings.page_certificate
    for component in patient.pipeline.components if patient.pipeline else ():
        if isinstance(path := getattr(component.options, CA_FILE, None), Path):
            yield component.id, path


def _looked_at(who: str, path: Path) -> Finding:
    """Of a file with several the page's own is the first; of authorities one that has ended need not matter."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        fact = f"{who}: {path} cannot be read ({error.strerror})"
        return Finding("certificate", "trouble", fact, f"name a file that is there: ls -l {path}")
    except ValueError:
        return Finding(
            "certificate", "trouble", f"{who}: {path} holds no PEM certificate", "name another file"
        )
    ends = [each.not_valid_after_utc for each in found]
    end = ends[0] if who == "page" else max(ends)
    begin = min(each.not_valid_before_utc for each in found)
    now = dt.datetime.now(dt.UTC)
    if end < now:
        return Finding("certificate", "trouble", f"{who}: {path} ended on {end:%Y-%m-%d}", "renew it")
    if begin > now:
        fact = f"{who}: {path} begins on {begin:%Y-%m-%d}"
        return Finding("certificate", "trouble", fact, "look at this machine's clock, or name another file")
    fact = f"{who}: {path} until {end:%Y-%m-%d}"
    if end < now + dt.timedelta(days=LEAST_DAYS):
        return Finding("certificate", "warning", fact, "renew it")
    return Finding("certificate", "ok", fact)
