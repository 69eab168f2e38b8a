"""A sandbox that several tests use one after the other."""

from __future__ import annotations

from typing import Any

from rushes_sandbox.stage import Sandbox


class SharedSandbox(Sandbox):
    """A sandbox of which a test sees only what came after it began."""

    def __init__(self, shared: Sandbox) -> None:
        super().__init__(shared.process, shared.url, shared.ca_file)
        self._known = {asset["id"] for asset in super().assets()}
        self._breaches = len(super().breaches())

    def assets(self) -> list[dict[str, Any]]:
        return [asset for asset in super().assets() if asset["id"] not in self._known]

    def breaches(self) -> list[str]:
        return super().breaches()[self._breaches :]

    def fault(self, match: str, **fault: Any) -> None:
        """See `rushes_sandbox.faults.Fault`."""
        self.ask("POST", "/_sandbox/faults", [{"match": match, **fault}])
