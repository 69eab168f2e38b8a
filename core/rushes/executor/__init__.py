"""Where heavy work runs: this machine by default; a distributed engine may take the same two calls."""

from rushes.executor.local import LocalExecutor, open_executor

__all__ = ["LocalExecutor", "open_executor"]
