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


def client_version(store: Store, request: Request) -> str:
    """Return the version; certification wants it on every call, the sandbox refuses a call without it."""
    version = request.headers.get("x-client-version", "")
    if not _SEMVER.fullmatch(version):
        said = "is not semver" if version else "is missing"
        store.violations.note(described(request), f"x-client-version {said}")
        raise ApiRefused(400, f"The header x-client-version {said}; send the software version, like 1.2.3.")
    return version


def authorised(store: Store, request: Request) -> Grant:
    """Return the grant of a call that carries both; 400 or 401 otherwise."""
    client_version(store, request)
    return store.devices.authorise(request.headers.get("authorization", ""))
