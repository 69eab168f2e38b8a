"""Power cuts on a real ledger: what was acknowledged is there, or the file is refused in one sentence and kept."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rushes.errors import LedgerError
from rushes.ledger import FILE_NAME, open_database

WRITER = """
import sys, trio
from pathlib import Path
from rushes.ledger import open_ledger
from rushes.ledger.rows import put_part, put_stored
async def main(path, count):
    async with open_ledger(path) as ledger:
        for number in range(count):
            stored = [put_stored("c", str(number), number), put_stored("same", "key", number)]
            await ledger.write([put_part("step", number, "x" * 50), *stored])
            print(number, flush=True)
        print("end", flush=True)
        sys.stdin.read()
trio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
"""


def killed_ledger(folder: Path, count: int) -> tuple[Path, int]:
    """A ledger whose writer was killed after `count` acknowledged commits; its log is not folded in."""
    path = folder / FILE_NAME
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        acknowledged = -1
        for line in writer.stdout:
            if line.strip() == "end":
                break
            acknowledged = int(line)
        writer.send_signal(signal.SIGKILL)
    return path, acknowledged


def survivors(path: Path) -> list[int]:
    database = open_database(path)
    try:
        numbers = [
            number
            for (number,) in database.read(lambda query: query("SELECT number FROM parts ORDER BY number"))
        ]
        stored = database.read(lambda query: query("SELECT count(*) FROM store WHERE component = 'c'"))[0][0]
    finally:
        database.close()
    assert stored == len(numbers), "half a commit"
    return numbers


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    return killed_ledger(tmp_path_factory.mktemp("killed"), 60)


def copy(killed, folder: Path) -> tuple[Path, Path]:
    path, _ = killed
    wal = path.with_name(path.name + ".wal")
    for file in (path, wal, path.with_suffix(".seal")):
        shutil.copy(file, folder / file.name)
    return folder / path.name, folder / wal.name


def test_sigkill_loses_no_acknowledged_commit(killed, tmp_path):
    path, _ = copy(killed, tmp_path)
    assert survivors(path) == list(range(killed[1] + 1))


CASES = 60

OPENER = """
import sys
from pathlib import Path
from rushes.errors import LedgerError
from rushes.ledger import open_database
for folder in sys.argv[2:]:
    path = Path(folder) / sys.argv[1]
    try:
        database = open_database(path)
    except LedgerError as error:
        print("refused", str(error).replace(chr(10), "NEWLINE"), flush=True)
    else:
        rows = database.read(lambda query: query("SELECT number FROM parts ORDER BY number"))
        print("opened", *(number for (number,) in rows), flush=True)
        database.close()
"""


def opened_or_refused(folders: list[Path], last: int) -> None:
    """In a process of its own: a damaged file must not be able to take the tests down either."""
    before = [{file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders]
    command = [sys.executable, "-c", OPENER, FILE_NAME, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(folders)
    for folder, kept, verdict in zip(folders, before, verdicts, strict=True):
        word, *rest = verdict.split()
        if word == "refused":
            assert "damaged" in verdict
            assert "NEWLINE" not in verdict
            assert {file.name: file.read_bytes() for file in folder.iterdir()} == kept
        else:
            assert [int(number) for number in rest] == list(range(last + 1)), "synced commits silently lost"


def test_a_log_cut_at_any_byte_gives_all_or_one_sentence(killed, tmp_path):
    folders = []
    for seed in range(CASES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        _, wal = copy(killed, folder)
        with wal.open("r+b") as log:
            log.truncate(random.Random(seed).randrange(wal.stat().st_size))
        folders.append(folder)
    opened_or_refused(folders, killed[1])


def test_a_garbled_log_gives_all_or_one_sentence(killed, tmp_path):
    folders = []
    for seed in range(CASES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        _, wal = copy(killed, folder)
        chance = random.Random(seed)
        data = bytearray(wal.read_bytes())
        start = chance.randrange(len(data))
        length = min(chance.choice([1, 8, 512]), len(data) - start)
        data[start : start + length] = chance.randbytes(length)
        wal.write_bytes(data)
        folders.append(folder)
    opened_or_refused(folders, killed[1])


def test_an_older_file_and_log_under_a_newer_seal_are_refused(killed, tmp_path):
    path, _ = copy(killed, tmp_path)
    older = tmp_path / "older"
    older.mkdir()
    for file in (written := killed_ledger(older, 20)[0], written.with_name(written.name + ".wal")):
        shutil.copy(file, tmp_path / file.name)
    opened_or_refused([older], 19)
    with pytest.raises(LedgerError, match="commits are there"):
        open_database(path)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / FILE_NAME
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LedgerError, match="damaged"):
        open_database(path)
    assert path.read_bytes() == b"not a database" * 1000
