"""What every API call must carry: `x-client-version`, and a bearer token where a device is meant."""

from __future__ import annotations

import re

from starlette.requests import Request

from rushes_sandbox.answers import ApiRefused
from rushes_sandbox.devices import Grant
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described

# As semver.org gives it.
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
    re.ASCII,
)


def missing_version(store: Store, request: Request) -> str:
    """Return what is wrong with the version of a call, and note it; empty when it is as certification wants it."""
    version = request.headers.get("x-client-version", "")
    if _SEMVER.fullmatch(version):
        return ""
    said = "is not semver" if version else "is missing"
    store.violations.note(described(request), f"x-client-version {said}")
    return said


def client_version(store: Store, request: Request) -> str:
    """Return the version; the sandbox refuses a call of the API without it."""
    if said := missing_version(store, request):
        raise ApiRefused(400, f"The header x-client-version {said}; send the software version, like 1.2.3.")
    return request.headers["x-client-version"]


def authorised(store: Store, request: Request) -> Grant:
    """Return the grant of a device's call that carries both; 400, 401 or 403 otherwise."""
    client_version(store, request)
    grant = store.tokens.authorise_device(request.headers.get("authorization", ""))
    store.devices.heard(grant.device)
    return grant
