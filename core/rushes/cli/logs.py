"""Where the log of a run goes: all of it to the state folder, warnings to stderr as one line each.

Files and terminals can block (a full disk, Ctrl-S), the engine must not: a thread does the writing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue

from rushes.cli.text import printable
from rushes.errors import RushesError

#: Libraries that log addresses; presigned ones are secrets for as long as they live.
TALKATIVE = ("httpx", "httpcore", "h11", "hypercorn")


@contextmanager
def open_log(state: Path) -> Iterator[Path]:
    """Log to `state`/logs/pipeline.log, ten files of 10 MB at most, while inside; gives the file."""
    path = state / "logs" / "pipeline.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            path, maxBytes=10_000_000, backupCount=9, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        raise RushesError(
            f"{path}: cannot be written ({error.strerror}); correct the state folder"
        ) from error
    file.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = _Hand(queue)
    writer = QueueListener(queue, file, _Stderr(logging.WARNING), respect_handler_level=True)
    root = logging.getLogger()
    before = root.level, logging.raiseExceptions
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that cannot be written prints no traceback
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.addHandler(handler)
    writer.start()
    try:
        yield path
    finally:
        root.removeHandler(handler)
        writer.stop()
        file.close()
        root.setLevel(before[0])
        logging.raiseExceptions = before[1]


class _Hand(QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The stock one folds the traceback into the message, which would show it on stderr.
        record.message = record.getMessage()
        return record


class _Stderr(logging.Handler):
    """One line, no traceback; sys.stderr is looked up each time, since a live screen stands in for it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{record.levelname.lower()}: {printable(record.getMessage())}\n")
            sys.stderr.flush()
        except OSError:
            return  # nobody reads it any more
