"""Looks at the folders of a pipeline: room, file systems, permissions, the folder of sockets."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from rushes.doctor.finding import Finding, Patient
from rushes.engine.ground import LEAST_FREE, LEAST_SHARE
from rushes.settings import LONGEST_SOCKET_PATH
from rushes.volumes import identify
from rushes.words import size

#: Length of `/0123456789abcdef.sock`.
SOCKET_NAME = 22
#: Their times are of two seconds, and of no timezone.
COARSE = frozenset({"msdos", "vfat"})


def disks(patient: Patient) -> Sequence[Finding]:
    """Room for the state folder, for what is made in it, and at each sink that has a folder."""
    found = []
    for who, folder in [*_state(patient), *_work(patient), *patient.written()]:
        there = _existing(folder)
        usage = shutil.disk_usage(there)
        low = usage.free < min(LEAST_FREE, usage.total * LEAST_SHARE)
        fact = f"{who}: {size(usage.free)} of {size(usage.total)} are free at {folder}"
        remedy = f"free some space: du -xh -d1 {there}"
        found.append(Finding("disk", "warning", fact, remedy) if low else Finding("disk", "ok", fact))
    return found


def mounts(patient: Patient) -> Sequence[Finding]:
    """Folders of sources: present, readable, and on a file system that tells enough."""
    return [_mount(who, folder) for who, folder in patient.watched()]


def _mount(who: str, folder: Path) -> Finding:
    if not folder.is_dir():
        # No trouble, as for `check`: a card may come later.
        remedy = "nothing is read until it is mounted; or correct its path"
        return Finding("mount", "warning", f"{who}: no folder {folder}", remedy)
    if not os.access(folder, os.R_OK | os.X_OK):
        return Finding(
            "mount", "trouble", f"{who}: {folder} cannot be read", "give this user the right to read it"
        )
    volume = identify(folder, folder)
    fact = f"{who}: {folder} ({volume.fstype or 'unknown'})"
    if volume.network:
        return Finding(
            "mount", "warning", f"{fact} tells of no changes", "files are found by scans; that takes longer"
        )
    if volume.fstype in COARSE:
        return Finding(
            "mount", "warning", f"{fact} keeps times to 2 s", "format cards as exFAT where cameras can"
        )
    return Finding("mount", "ok", fact)


def permissions(patient: Patient) -> Sequence[Finding]:
    """The state folder is its owner's alone; folders of sinks can be written."""
    found = []
    for who, folder in _state(patient):
        if folder.exists() and folder.stat().st_mode & 0o077:
            found.append(
                Finding("permissions", "trouble", f"{who}: {folder} is open to others", f"chmod 700 {folder}")
            )
    for who, folder in [*_state(patient), *patient.written()]:
        if not os.access(there := _existing(folder), os.W_OK | os.X_OK):
            remedy = f"give this user the right to write: ls -ld {there}"
            found.append(Finding("permissions", "trouble", f"{who}: {there} cannot be written", remedy))
    return found or (
        [Finding("permissions", "ok", "state is private, folders can be written")] if patient.pipeline else []
    )


def sockets(patient: Patient) -> Sequence[Finding]:
    """The folder of sockets is ours alone, or can be made, with a path that is short enough."""
    folder = patient.settings.runtime_dir
    remedy = "set RUSHES_RUNTIME_DIR to another folder of yours"
    if len(os.fsencode(folder)) + SOCKET_NAME > LONGEST_SOCKET_PATH:
        return [Finding("sockets", "trouble", f"{folder} is too long a path for a socket", remedy)]
    if not os.path.lexists(folder):
        there = _existing(folder)
        if not os.access(there, os.W_OK | os.X_OK):
            return [Finding("sockets", "trouble", f"{folder} cannot be made in {there}", remedy)]
        return [Finding("sockets", "ok", f"{folder} will be made")]
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        fact = f"{folder} belongs to someone else or is no folder"
        return [Finding("sockets", "trouble", fact, f"remove it, or {remedy}")]
    if found.st_mode & 0o077:
        return [Finding("sockets", "warning", f"{folder} is open to others", f"chmod 700 {folder}")]
    return [Finding("sockets", "ok", f"{folder} is private")]


def _state(patient: Patient) -> list[tuple[str, Path]]:
    return [("state", patient.pipeline.state)] if patient.pipeline else []


def _work(patient: Patient) -> list[tuple[str, Path]]:
    """Where proxies are made, if a link or a mount has it on another disk than the state folder."""
    found = [("work", folder / "work") for _, folder in _state(patient)]
    return [
        (who, work)
        for who, work in found
        if work.exists() and work.stat().st_dev != work.parent.stat().st_dev
    ]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())


CHECKS: Sequence[tuple[str, Callable[[Patient], Sequence[Finding]]]] = (
    ("disk", disks), ("mount", mounts), ("permissions", permissions), ("sockets", sockets),
)  # fmt: skip
