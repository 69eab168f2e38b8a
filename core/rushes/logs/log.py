"""Where the log of a run goes: all of it to the state folder as JSON lines, warnings to stderr as one line each.

Files and terminals can block (a full disk, Ctrl-S), the engine must not: a thread does the writing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from rushes.errors import RushesError
from rushes.logs.redact import processor, redact_text

#: Libraries that log addresses; presigned ones are secrets for as long as they live.
TALKATIVE = ("httpx", "httpcore", "h11", "hypercorn")


@contextmanager
def open_log(state: Path, one_line: Callable[[str], str]) -> Iterator[Path]:
    """Log to `state`/logs/pipeline.log, ten files of 10 MB at most, while inside; gives the file.

    `one_line` makes of a text what a terminal can show in a line. Records of `logging` and of structlog take the same
    way. Raises RushesError.
    """
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
    file.setFormatter(_json_lines())
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = _Hand(queue)
    writer = QueueListener(queue, file, _Stderr(one_line), respect_handler_level=True)
    root = logging.getLogger()
    before = root.level, logging.raiseExceptions
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that cannot be written prints no traceback
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root.addHandler(handler)
    writer.start()
    try:
        yield path
    finally:
        root.removeHandler(handler)
        writer.stop()
        file.close()
        structlog.reset_defaults()
        root.setLevel(before[0])
        logging.raiseExceptions = before[1]


def _json_lines() -> logging.Formatter:
    """One object a line: time, level, logger, event, then fields; `exception` is a traceback."""
    return ProcessorFormatter(
        foreign_pre_chain=[ExtraAdder()],
        processors=[
            _head,
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            processor,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _head(_logger: Any, _method: str, event: Any) -> Any:
    """The record's own time, not that of its writing."""
    record: logging.LogRecord = event["_record"]
    told = {
        "time": logging.Formatter().formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event.pop("event", ""),
    }
    # `message` is ours, see _Hand.
    return told | {key: value for key, value in event.items() if key not in {*told, "message", "taskName"}}


class _Hand(QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The stock one folds the traceback into the message, which would show it on stderr. What is logged is put into
        # words now: it may change before it is written.
        if isinstance(record.msg, dict):
            record.message = str(record.msg.get("event", ""))
        else:
            record.message = record.getMessage()
            record.msg, record.args = record.message, None
        return record


class _Stderr(logging.Handler):
    """One line, no traceback; sys.stderr is looked up each time, since a live screen stands in for it."""

    def __init__(self, one_line: Callable[[str], str]) -> None:
        super().__init__(logging.WARNING)
        self._one_line = one_line

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self._one_line(redact_text(record.message))
            sys.stderr.write(f"{record.levelname.lower()}: {text}\n")
            sys.stderr.flush()
        except OSError:
            return  # nobody reads it any more
