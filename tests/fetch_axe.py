"""Fetch axe-core from the npm registry for `make page`: `fetch_axe.py VERSION TARGET`. It is for tests alone."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import urllib.request
from pathlib import Path

REGISTRY = "https://registry.npmjs.org/axe-core/-/axe-core-{version}.tgz"
MEMBER = "package/axe.min.js"
#: Of the member, by version: what was looked at.
SHA256 = {"4.14.1": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"}


def main(version: str, target: str) -> None:
    with urllib.request.urlopen(REGISTRY.format(version=version), timeout=60) as answer:
        packed = answer.read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        content = member.read()
    if hashlib.sha256(content).hexdigest() != SHA256[version]:
        sys.exit(f"axe-core {version}: not the file that was looked at; nothing written")
    Path(target).write_bytes(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
