"""`x-client-version`: the package's version as semver, which Frame.io wants on every call (reference, section 1)."""

from __future__ import annotations

import re
from importlib.metadata import version

#: What the service assumes where no version is sent.
UNKNOWN = "0.0.0"
#: PEP 440, in its normal form.
_PEP440 = re.compile(
    r"(?:(?P<epoch>\d+)!)?"
    r"(?P<release>\d+(?:\.\d+)*)"
    r"(?:(?P<phase>a|b|rc)(?P<phase_number>\d+))?"
    r"(?:\.post(?P<post>\d+))?"
    r"(?:\.dev(?P<dev>\d+))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.ASCII,
)
_PHASES = {"a": "alpha", "b": "beta", "rc": "rc"}


def client_version() -> str:
    """What this installation sends."""
    return semver(version("rushes"))


def semver(text: str) -> str:
    """The semver of a version after PEP 440: `0.2.0rc1.dev3+local` is `0.2.0-rc.1.dev.3+local`.

    What semver has no place for (an epoch, a fourth number, a post release) goes into its build metadata. A
    version in no form that PEP 440 knows is UNKNOWN.
    """
    found = _PEP440.fullmatch(text.strip().lower().removeprefix("v"))
    if found is None:
        return UNKNOWN
    numbers = [str(int(number)) for number in found["release"].split(".")]
    core, beyond = [*numbers, "0", "0"][:3], numbers[3:]
    before = [_PHASES[found["phase"]], str(int(found["phase_number"]))] if found["phase"] else []
    before += ["dev", str(int(found["dev"]))] if found["dev"] else []
    build = ["epoch", str(int(found["epoch"]))] if found["epoch"] else []
    build += beyond
    build += ["post", str(int(found["post"]))] if found["post"] else []
    build += re.split(r"[-_.]", found["local"]) if found["local"] else []
    return (
        ".".join(core) + ("-" if before else "") + ".".join(before) + ("+" if build else "") + ".".join(build)
    )
