"""What the long trials share: a seed, a folder to work in, a verdict and an exit status."""

from __future__ import annotations

import argparse
import random
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from journeys.torture_verdict import Figures

Trial = Callable[[Path, argparse.Namespace], Figures]


def conduct(parser: argparse.ArgumentParser, trial: Trial, praise: str) -> int:
    """Run a trial in an empty folder; 0 if all of it holds, else 1."""
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path, help="a new folder to work in, kept afterwards")
    options = parser.parse_args()
    # Terminated, it leaves no process and no file, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"seed {options.seed}")
    began = time.monotonic()
    if options.keep:
        options.keep.mkdir(parents=True)
        figures = trial(options.keep.resolve(), options)
    else:
        with tempfile.TemporaryDirectory(prefix="rushes-trial-") as root:
            figures = trial(Path(root).resolve(), options)
    for failure in figures.failures:
        print(f"FAILED: {failure}")
    verdict = praise if not figures.failures else f"{len(figures.failures)} failures"
    print(f"\n{verdict} ({time.monotonic() - began:.0f} s, seed {options.seed})")
    return 1 if figures.failures else 0
