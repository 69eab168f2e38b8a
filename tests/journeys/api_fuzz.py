"""`make api-fuzz`: schemathesis against the API of a real run, over TCP with a token, for as long as you like.

Nothing may end in a 500, in a status that is not documented, or in a document that does not fit its schema.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = str(Path(__file__).resolve().parents[1])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

from journeys.harness import Journey, wait_until  # noqa: E402 - run as a script
from rushes.api.client import connect  # noqa: E402 - as above
from rushes_sandbox.stage import Stage  # noqa: E402 - as above

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "ignored_auth",
)  # fmt: skip
#: A stream has no end.
ENDLESS = ("/v1/events",)
#: The token stands in the environment: arguments are everybody's to read.
CONFIG = '[headers]\nAuthorization = "Bearer ${FUZZ_TOKEN}"\n'


def fuzz(folder: Path, *options: str, stage: Stage | None = None) -> subprocess.CompletedProcess[str]:
    """How `schemathesis run` ended on a run with some clips, among them one that cannot be read."""
    with Journey(folder, stage) as journey:
        journey.write_pipeline(when="true", sinks=[journey.disk()], prepare=["probe", "match"])
        for number in range(4):
            journey.put(f"A001C00{number}.braw", 1000)
        journey.put("A001C009.mov", 1000)
        run = journey.run("--page", "127.0.0.1:0")
        wait_until(
            lambda: connect(journey.stage.state) is not None, timeout_s=40, what="its API", process=run
        )
        client = connect(journey.stage.state)
        assert client is not None
        wait_until(lambda: len(client.jobs()["jobs"]) == 5, timeout_s=40, what="jobs", process=run)
        made = client.token("fuzz", write=True)
        config = folder / "schemathesis.toml"
        config.write_text(CONFIG, "utf-8")
        arguments = [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"),
            *("--checks", ",".join(CHECKS), "--no-color", "--warnings", "off", "--request-timeout", "20"),
            *(word for path in ENDLESS for word in ("--exclude-path", path)),
            *options,
            f"{made['page']}v1/openapi.json",
        ]
        environment = {**journey.stage.env, "FUZZ_TOKEN": made["token"]}
        done = subprocess.run(
            arguments, env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        assert run.running, f"the pipeline ended with {run.status}{run.last_words()}"
        assert "Traceback" not in run.err.read_text("utf-8"), run.err.read_text("utf-8")
        return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="rushes-fuzz-") as name:
        folder = Path(name)
        options = ("--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(seconds))
        done = fuzz(folder, *options, "--continue-on-failure", stage=Stage(folder))
    print(done.stdout, done.stderr, sep="\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
