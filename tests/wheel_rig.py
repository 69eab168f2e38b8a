"""Wheels as a third party builds them, in an environment of their own: dependencies are lent, rushes is not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "samples" / "rushes-plugin-example"
#: Nothing here takes longer, even on a busy machine.
PATIENCE_S = 100


class Fresh:
    """A virtual environment in `folder`, which sees the libraries of this one behind its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"])
        self.python = folder / "venv" / "bin" / "python"

    def install(self, *projects: Path) -> None:
        """Build their wheels and install these, and nothing else."""
        for project in projects:
            run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", self.wheels], cwd=project)
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        built = sorted(self.wheels.glob("*.whl"))
        # Installed before the libraries are lent: pip must not think that an editable rushes will do.
        lent = self.site / "lent.pth"
        lent.unlink(missing_ok=True)
        run(
            [
                *pip,
                "install",
                "--quiet",
                "--no-index",
                "--no-deps",
                "--no-compile",
                "--force-reinstall",
                *built,
            ]
        )
        lent.write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")

    @property
    def site(self) -> Path:
        [site] = (self.folder / "venv" / "lib").glob("python*/site-packages")
        return site

    def module(self, *words: object, cwd: Path) -> str:
        """What a module of that environment prints: `python -m pytest ...`."""
        return run([self.python, "-m", *words], cwd=cwd)

    def pipeline(
        self, *words: object, cwd: Path, variables: Mapping[str, str] | None = None, status: int = 0
    ) -> str:
        """What the installed command prints."""
        return run([self.python.parent / "pipeline", *words], cwd=cwd, variables=variables, status=status)

    def file_of(self, module: str) -> Path:
        """Where that environment imports a module from."""
        return Path(run([self.python, "-c", f"import {module}; print({module}.__file__)"]).strip())


def run(
    command: Sequence[object],
    *,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    status: int = 0,
) -> str:
    """The command's stdout; it must end with that status."""
    ours = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**ours, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == status, f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
