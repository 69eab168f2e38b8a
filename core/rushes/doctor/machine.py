"""Looks at the machine: ffmpeg, limits, plugins, the key of secrets."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from rushes.doctor.finding import Finding, Patient
from rushes.errors import RushesError
from rushes.registry import Registry
from rushes.secrets.key import key_of

LEAST_FILES = 1024
LEAST_WATCHES = 65536
LEAST_INSTANCES = 64
INOTIFY = Path("/proc/sys/fs/inotify")


def ffmpeg(_patient: Patient) -> Sequence[Finding]:
    """The one that proxies are made with runs."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # noqa: PLC0415 - comes with the media plugin

        path = os.environ.get("RUSHES_FFMPEG") or get_ffmpeg_exe()
        told = subprocess.run([path, "-version"], capture_output=True, timeout=10, check=True)
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        return [
            Finding(
                "ffmpeg", "trouble", f"does not run ({error})", "install imageio-ffmpeg, or set RUSHES_FFMPEG"
            )
        ]
    first = told.stdout.decode(errors="replace").partition("\n")[0]
    return [Finding("ffmpeg", "ok", " ".join(first.split()[:3]))]


def files(_patient: Patient) -> Sequence[Finding]:
    """How many may be open at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < LEAST_FILES:
        most = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
        return [Finding("open files", "warning", f"{soft} at once", f"run: ulimit -n {most}")]
    return [Finding("open files", "ok", f"{soft} at once")]


def inotify(_patient: Patient, *, limits: Path = INOTIFY) -> Sequence[Finding]:
    """How many folders may be watched, and by how many programs of this user."""
    found = []
    for name, least, better in (
        ("max_user_watches", LEAST_WATCHES, 524288),
        ("max_user_instances", LEAST_INSTANCES, 512),
    ):
        most = int((limits / name).read_text())
        fact = f"{most} {name.rpartition('_')[2]}"
        found.append(
            Finding("inotify", "warning", fact, f"run: sudo sysctl fs.inotify.{name}={better}")
            if most < least
            else Finding("inotify", "ok", fact)
        )
    return found


def plugins(patient: Patient) -> Sequence[Finding]:
    """Those that are broken."""
    registry = Registry.load(blocked=patient.settings.blocked_plugins)
    broken = [plugin for plugin in registry.plugins if plugin.error and not plugin.blocked]
    return [
        Finding("plugin", "trouble", f"{plugin.name}: {plugin.error}", "reinstall it, or block it")
        for plugin in broken
    ] or [Finding("plugins", "ok", f"{len(registry.plugins)} work")]


def key(patient: Patient) -> Sequence[Finding]:
    """The key of the sealed secrets can be read, by its owner alone."""
    place = key_of(patient.settings)
    try:
        made = place.existing() is not None
    except RushesError as error:
        return [Finding("secrets key", "trouble", str(error))]
    return [Finding("secrets key", "ok", f"{place}" if made else "none yet; the first pairing makes it")]


CHECKS: Sequence[tuple[str, Callable[[Patient], Sequence[Finding]]]] = (
    ("ffmpeg", ffmpeg), ("open files", files), ("inotify", inotify), ("plugins", plugins), ("secrets key", key),
)  # fmt: skip
