"""Whether a file is complete, and by which rule.

The rules, by the name that is stored with the clip:
`closed`   its writer closed it. Where the container tells whether it is whole, that decides at once; other
           formats must stay unchanged for a quarter of `settle`, some writers close more than once, and for
           all of it when they were admitted before: this writer does.
`renamed`  it got this name by a rename, as writers do that use a temporary name.
`quiet`    its size and mtime did not change for `settle`. On local disks the mtime itself tells the age, so
           an old file need not be waited for; on a share the server's clock may differ, so it is watched.
           A recording that events show to be still open may pause for `patience`.
Whatever the rule, the container must be whole, or unchanged for `patience`: then it is admitted as broken.
"""

# ruff: noqa: PTH116 - a path object per file would cost more than the call

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from rushes_folder import containers
from rushes_folder.candidate import UNREAD, Candidate, Grown, Ready, Settled, Stat, same
from rushes_folder.fingerprint import inspect
from rushes_folder.growing import EVERY_S
from rushes_folder.names import extension

if TYPE_CHECKING:
    from rushes_folder.candidate import Outcome, Rule
    from rushes_folder.growing import Growing

#: Part of `settle` for which a closed file must stay unchanged where its container cannot be checked.
CLOSED_SHARE = 0.25
#: Between two looks at a file whose folder cannot be entered, or at a broken one, at least.
LOOK_S = 0.05
UNSEEN_S = 1.0
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})


class Examiner:
    """Looks at candidates, in threads; one that comes back is looked at again when it is due."""

    def __init__(self, growing: Growing, *, settle: float, patience: float, follow: bool) -> None:
        self._growing = growing
        self._settle = settle
        self._patience = patience
        self._follow = follow

    def examine(self, candidate: Candidate, known: Stat | None, now: float, wall: float) -> Outcome:
        """Decide on one candidate, `known` as it was admitted; `now` is monotonic, `wall` since the epoch."""
        path = candidate.place.path
        try:
            status = os.stat(path, follow_symlinks=self._follow)
        except OSError as error:
            return self._unseen(candidate, error, now)
        if not stat.S_ISREG(status.st_mode):
            return Settled(candidate)
        found = Stat(status.st_size, status.st_mtime_ns, status.st_ino)
        if known is not None and same(known, status, candidate.place.volume.fstype):
            return Settled(candidate)
        grows = self._growing.grows(candidate, known, status)
        if found != candidate.stat:
            age = max(0.0, wall - status.st_mtime_ns / 1e9) if candidate.aged else 0.0
            rule: Rule = candidate.rule if candidate.stat is None else "quiet"
            candidate = replace(candidate, stat=found, since=now - age, rule=rule, problem="")
        if grows:
            due, still_open = (
                now + min(EVERY_S, max(self._settle, LOOK_S)),
                self._growing.still_open(candidate.place),
            )
            return Grown(replace(candidate, due=due, open=still_open), found)
        wait = self._wait(candidate, known)
        if now - candidate.since < wait:
            # A closed file that is still too fresh was written to again: only quiet will tell.
            due = candidate.since + max(wait, self._settle)
            soon = self._growing.soon(candidate.place, due - now)
            return replace(candidate, rule="quiet", due=now + soon)
        if candidate.problem and now - candidate.since < self._patience:
            return self._patiently(candidate, now)
        return self._look(candidate, known, now, wall)

    def _wait(self, candidate: Candidate, known: Stat | None) -> float:
        """How long a candidate must have been unchanged before it is worth opening."""
        if candidate.rule == "quiet":
            # A recorder that has its file open may pause; its close will tell, unless that event is lost.
            recorded = candidate.open and self._growing.follows(candidate.place)
            return max(self._settle, self._patience) if recorded else self._settle
        if candidate.rule == "closed" and not containers.checkable(extension(candidate.place.relative)):
            # What was closed before, and written to again, may be once more.
            return self._settle * CLOSED_SHARE if known is None else self._settle
        return 0.0

    def _look(self, candidate: Candidate, known: Stat | None, now: float, wall: float) -> Outcome:
        assert candidate.stat is not None
        try:
            problem, head, tail, after = inspect(candidate.place.path, follow=self._follow)
        except OSError as error:
            if error.errno in GONE:
                return Settled(candidate)
            problem = f"unreadable: {os.strerror(error.errno or 0).lower()}"
            head, tail, after = "", "", candidate.stat
        if after.size != candidate.stat.size:
            return replace(candidate, stat=after, since=now, rule="quiet", problem="", due=now + self._settle)
        if after != candidate.stat:
            # Same size: the copier set the time of the original, as shutil.copy2 does after closing.
            return self.examine(replace(candidate, stat=None), known, now, wall)
        if problem and now - candidate.since < self._patience:
            return self._patiently(replace(candidate, problem=problem), now)
        if head or known != after._replace(inode=UNREAD):
            return Ready(candidate, after if head else after._replace(inode=UNREAD), head, tail, problem)
        return Settled(candidate)  # still unreadable, as it was admitted

    def _patiently(self, candidate: Candidate, now: float) -> Candidate:
        """Look for changes every `settle`, and at last when patience ends."""
        return replace(candidate, due=min(now + max(self._settle, LOOK_S), candidate.since + self._patience))

    def _unseen(self, candidate: Candidate, error: OSError, now: float) -> Outcome:
        if error.errno in GONE:
            return Settled(candidate)
        # The folder may not be entered, or the card was pulled: the next scan tells which.
        return replace(candidate, due=now + max(self._settle, UNSEEN_S))
