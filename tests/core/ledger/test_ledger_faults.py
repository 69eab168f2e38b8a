"""The ledger when things go wrong: a torn seal, a full disk, a bad value, another owner, a curious query."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import duckdb
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from rushes.errors import LedgerError
from rushes.events import Event
from rushes.ledger import (
    FILE_NAME,
    MEMORY,
    LedgerInUseError,
    LedgerStore,
    database,
    open_database,
    open_ledger,
)
from rushes.ledger.database import Database, LedgerRefusedError
from rushes.ledger.rows import drop_parts, drop_stored, put_event, put_part, put_stored
from rushes.ledger.schema import STORE, VERSION
from rushes.ledger.seal import Seal
from rushes.ledger.write import Put

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILE_NAME


@contextmanager
def opened(path, **options):
    made = open_database(path, **options)
    try:
        yield made
    finally:
        made.close()


def rows(made, sql):
    return made.read(lambda query: query(sql))


# -- the seal ----------------------------------------------------------------------------------------------


@contextmanager
def seal_at(path):
    seal = Seal(path)
    try:
        yield seal
    finally:
        seal.close()


def test_a_seal_that_was_never_written_says_none(tmp_path):
    assert Seal(tmp_path / "seal").read() == 0
    (tmp_path / "empty").touch()
    assert Seal(tmp_path / "empty").read() == 0


def test_each_write_of_the_seal_leaves_the_slot_of_the_one_before_alone(tmp_path):
    file = tmp_path / "seal"
    with seal_at(file) as seal:
        seal.write(1)
        for number in range(2, 6):
            before = file.read_bytes().ljust(1024, b"\0")
            seal.write(number)
            after = file.read_bytes().ljust(1024, b"\0")
            changed = {at // 512 for at in range(1024) if before[at] != after[at]}
            assert changed == {number % 2}
            assert seal.read() == number


@pytest.mark.parametrize("at", range(16))
def test_a_torn_write_of_the_seal_leaves_the_number_before(tmp_path, at):
    file = tmp_path / "seal"
    with seal_at(file) as seal:
        seal.write(6)
        seal.write(7)
    torn = bytearray(file.read_bytes())
    torn[512 + at] ^= 0x55
    file.write_bytes(torn)
    with seal_at(file) as seal:
        assert seal.read() == 6
        seal.write(7)
        assert seal.read() == 7


def test_a_seal_cut_short_leaves_the_number_before(tmp_path):
    file = tmp_path / "seal"
    with seal_at(file) as seal:
        seal.write(2)
        seal.write(3)
    file.write_bytes(file.read_bytes()[:520])
    assert Seal(file).read() == 2


async def test_a_seal_that_cannot_be_written_delays_the_answer_and_repeats_no_row(
    path, monkeypatch, autojump_clock
):
    write, refusals = Seal.write, []

    def full_twice(seal, number):
        if number == 2 and len(refusals) < 2:
            refusals.append(number)
            raise OSError(28, "No space left on device")
        write(seal, number)

    monkeypatch.setattr(Seal, "write", full_twice)
    async with open_ledger(path) as ledger:
        for seq in (1, 2):
            await ledger.write([put_event(Event(seq=seq, at=0.0, kind="k", detail={}))])
        assert len(refusals) == 2
        assert ledger.trouble == ""
        assert await ledger.query("SELECT seq, count(*) FROM events GROUP BY seq ORDER BY seq") == [
            (1, 1),
            (2, 1),
        ]
        assert await ledger.query("SELECT commits FROM ledger") == [(2,)]


# -- group commit ------------------------------------------------------------------------------------------


def part(number, value="v"):
    return put_part("s.1", number, value)


OLD = (9, "old")


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        pytest.param([part(1), part(1, "w")], [(1, "w"), OLD], id="of two puts of a key the last"),
        pytest.param([drop_parts("s.1"), part(1)], [(1, "v")], id="a put after a prefix delete stays"),
        pytest.param([part(1), part(2), drop_parts("s.1")], [], id="a prefix delete takes the puts before"),
        pytest.param([part(1), drop_parts("s.1"), part(2)], [(2, "v")], id="only those before"),
        pytest.param([part(1), drop_parts("s.")], [(1, "v"), OLD], id="a prefix is of keys, not of text"),
        pytest.param([part(9), drop_parts("t.1")], [(9, "v")], id="another key is left alone"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["one group", "one by one"])
def test_changes_of_one_group_do_what_they_would_do_one_by_one(changes, left, together):
    with opened(MEMORY) as made:
        made.commit([part(*OLD)])
        for group in [changes] if together else [[change] for change in changes]:
            made.commit(group)
        assert rows(made, "SELECT number, value FROM parts ORDER BY number") == left


def test_a_whole_key_put_and_deleted_in_one_group():
    with opened(MEMORY) as made:
        made.commit([put_stored("c", "a", 1), drop_stored("c", "a")])
        assert rows(made, "SELECT * FROM store") == []
        made.commit([drop_stored("c", "a"), put_stored("c", "a", 2)])
        made.commit([put_stored("c", "b", 3), drop_stored("c", "b"), put_stored("c", "b", 4)])
        assert rows(made, "SELECT key, value FROM store ORDER BY key") == [("a", "2"), ("b", "4")]


def test_a_row_promised_to_be_new_that_is_not_replaces_the_old_one():
    with opened(MEMORY) as made:
        made.commit([put_stored("c", "k", 1), part(1)])
        made.commit([Put(STORE, ("c", "k", "2"), new=True), part(2)])
        assert rows(made, "SELECT value FROM store") == [("2",)]
        assert rows(made, "SELECT number FROM parts ORDER BY number") == [(1,), (2,)]
        assert rows(made, "SELECT commits FROM ledger") == [(2,)]


# -- values that are refused, a disk that is full ------------------------------------------------------------


@pytest.mark.parametrize("where", ["memory", "file"])
async def test_a_value_that_cannot_be_stored_fails_its_writer_and_nobody_after(path, where, autojump_clock):
    async with open_ledger(MEMORY if where == "memory" else path) as ledger:
        with pytest.raises(LedgerError, match="a value was refused"):
            await ledger.write([put_part("s.1", 2**40, "v")])
        assert ledger.trouble == ""
        await ledger.write([put_part("s.1", 1, "v")])
        assert await ledger.query("SELECT number FROM parts") == [(1,)]


def test_a_refused_group_leaves_nothing_behind():
    with opened(MEMORY) as made:
        with pytest.raises(LedgerRefusedError) as refusal:
            made.commit([put_stored("c", "k", 1), put_part("s.1", 2**40, "v")])
        assert "\n" not in str(refusal.value)
        assert rows(made, "SELECT count(*) FROM store") == [(0,)]
        assert rows(made, "SELECT commits FROM ledger") == [(0,)]


class FullDisk:
    """A disk that takes nothing while `full`."""

    def __init__(self, monkeypatch):
        self.full = False
        commit = Database.commit

        def take(made, changes):
            if self.full:
                raise LedgerError("no space left")
            commit(made, changes)

        monkeypatch.setattr(Database, "commit", take)


@pytest.mark.parametrize("where", ["memory", "file"])
async def test_while_the_disk_is_full_writers_wait_and_then_all_is_there(
    path, where, monkeypatch, autojump_clock
):
    disk = FullDisk(monkeypatch)
    async with open_ledger(MEMORY if where == "memory" else path) as ledger:
        disk.full = True
        written = []

        async def write(number):
            await ledger.write([put_part("s.1", number, "v")])
            written.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(write, number)
            while not ledger.trouble:
                await trio.sleep(0.1)
            assert ledger.trouble == "no space left; free some space on that disk"
            assert written == []
            disk.full = False
        assert sorted(written) == [0, 1, 2]
        assert ledger.trouble == ""
        assert await ledger.query("SELECT count(*) FROM parts") == [(3,)]


async def test_giving_up_tells_everyone_who_waits(monkeypatch, autojump_clock):
    disk, told = FullDisk(monkeypatch), []
    async with open_ledger(MEMORY) as ledger:
        disk.full = True

        async def write(number):
            with pytest.raises(LedgerError, match=r"^no space left; free some space on that disk$"):
                await ledger.write([put_part("s.1", number, "v")])
            told.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(write, number)
            await trio.sleep(100)
            assert told == []
            ledger.give_up()
        assert sorted(told) == [0, 1, 2]


async def test_what_was_posted_is_written_when_the_ledger_is_closed_in_order(path):
    async with open_ledger(path) as ledger:
        await ledger.write([put_stored("c", "a", 1)])
        ledger.post([put_stored("c", "b", 2)])
    async with open_ledger(path) as ledger:
        assert await ledger.query("SELECT key FROM store ORDER BY key") == [("a",), ("b",)]


async def test_a_write_of_nothing_waits_for_what_is_being_written(monkeypatch):
    async with open_ledger(MEMORY) as ledger:
        gate, commit, done = trio.Event(), ledger._commit, []

        async def slow(changes):
            await gate.wait()
            await commit(changes)

        monkeypatch.setattr(ledger, "_commit", slow)
        ledger.post([put_stored("c", "k", 1)])
        await wait_all_tasks_blocked()

        async def nothing():
            await ledger.write([])
            done.append(await ledger.query("SELECT value FROM store"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(nothing)
            await wait_all_tasks_blocked()
            assert done == []
            gate.set()
        assert done == [[("1",)]]


# -- the file ------------------------------------------------------------------------------------------------

HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held(path):
    """The file in the hands of another process."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


class Time:
    """The module's clock: a sleep passes at once, and may do something."""

    def __init__(self, monkeypatch, meanwhile=lambda: None):
        self.now = 0.0
        self.sleeps = 0
        self._meanwhile = meanwhile
        monkeypatch.setattr(database, "time", SimpleNamespace(monotonic=lambda: self.now, sleep=self.sleep))

    def sleep(self, seconds):
        self.now += seconds
        self.sleeps += 1
        self._meanwhile()


def test_a_ledger_in_use_is_told_in_one_sentence_and_patience_has_an_end(path, monkeypatch):
    open_database(path).close()
    clock = Time(monkeypatch)
    with held(path):
        for patience in (0.0, 1.0):
            with pytest.raises(LedgerInUseError) as refusal:
                open_database(path, patience=patience)
            assert str(refusal.value).startswith(f"{path}: in use by another process: a pipeline that runs")
            assert patience <= clock.now <= patience + 0.1
    assert clock.sleeps == 20


def test_patience_waits_for_a_run_that_is_just_ending(path, monkeypatch):
    open_database(path).close()
    with held(path) as holder:

        def end():
            holder.send_signal(signal.SIGKILL)
            holder.wait()

        clock = Time(monkeypatch, end)
        open_database(path, patience=3.0).close()
    assert clock.sleeps == 1


def test_a_ledger_of_another_version_is_refused(path):
    open_database(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE ledger SET version = 99")
    for read_only in (False, True):
        with pytest.raises(LedgerError) as refusal:
            open_database(path, read_only=read_only)
        assert str(refusal.value) == (
            f"{path}: ledger version 99, this rushes writes version {VERSION}; use the rushes that made it"
        )


def test_a_database_that_is_no_ledger_is_refused_and_kept(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with pytest.raises(LedgerError, match="not a ledger of rushes; name another state folder"):
        open_database(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT a FROM mine").fetchall() == [(1,)]


def test_a_read_only_opening_makes_nothing_and_reads_a_fresh_file(path):
    with pytest.raises(LedgerError, match="there is no ledger yet; start the pipeline first"):
        open_database(path, read_only=True)
    assert list(path.parent.iterdir()) == []
    open_database(path).close()
    with opened(path, read_only=True) as made:
        assert rows(made, "SELECT count(*) FROM clips") == [(0,)]


FIRST_START = """
import os, sys
from pathlib import Path
from rushes.ledger import open_database
held = open_database(Path(sys.argv[1]))
os.kill(os.getpid(), 9)
"""


def test_a_very_first_start_killed_at_any_byte_of_its_log_is_no_damage(tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    subprocess.run([sys.executable, "-c", FIRST_START, str(first / FILE_NAME)], check=False)
    log = (first / f"{FILE_NAME}.wal").read_bytes()
    for length in (0, 8, 200, len(log) // 2, len(log) - 1, len(log)):
        folder = tmp_path / str(length)
        folder.mkdir()
        shutil.copy(first / FILE_NAME, folder)
        (folder / f"{FILE_NAME}.wal").write_bytes(log[:length])
        with opened(folder / FILE_NAME) as made:
            assert rows(made, "SELECT count(*) FROM clips") == [(0,)]


# -- queries of plugins and people -----------------------------------------------------------------------------


@pytest.fixture(params=["memory", "file"])
def readable(request, path):
    """A ledger with one stored value, and what lies beside its file."""
    (path.parent / "secret.csv").write_text("word\nhunter2\n")
    with opened(MEMORY if request.param == "memory" else path) as made:
        made.commit([put_stored("c", "k", 1)])
        made.acknowledge()
        yield made


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO store VALUES ('c', 'l', '2')",
        "DELETE FROM store",
        "DROP TABLE store",
        "CREATE TEMP TABLE mine (a INTEGER)",
        "COMMIT; DELETE FROM store",
        "COMMIT; BEGIN; DELETE FROM store",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '{folder}/ledger.seal'",
        "COPY store TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "EXPORT DATABASE '{folder}/out'",
        "SET enable_external_access = true",
        "CHECKPOINT",
        "",
    ],
)
def test_a_query_cannot_write(readable, tmp_path, sql):
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(LedgerError) as refusal:
        rows(readable, sql.format(folder=tmp_path))
    assert "\n" not in str(refusal.value)
    assert rows(readable, "SELECT key, value FROM store") == [("k", "1")]
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM read_text('{folder}/secret.csv')",
        "SELECT * FROM read_blob('{folder}/ledger.seal')",
        "SELECT * FROM glob('{folder}/*')",
    ],
)
def test_a_query_cannot_read_files_not_even_those_beside_the_ledger(readable, tmp_path, sql):
    with pytest.raises(LedgerError, match="Cannot access file"):
        rows(readable, sql.format(folder=tmp_path))


def test_a_query_that_failed_leaves_the_ledger_well(readable):
    with pytest.raises(LedgerError, match=r"^query failed: "):
        rows(readable, "SELECT nothing FROM nowhere")
    readable.commit([put_stored("c", "k", 2)])
    assert rows(readable, "SELECT value FROM store") == [("2",)]


async def test_the_catalog_of_a_plugin_reads_and_no_more():
    async with open_ledger(MEMORY) as ledger:
        await ledger.write([put_part("s.1", 1, "v")])
        assert await ledger.query("SELECT value FROM parts WHERE number = ?", [1]) == [("v",)]
        with pytest.raises(LedgerError):
            await ledger.query("DELETE FROM parts")
        assert await ledger.query("WITH p AS (FROM parts) SELECT count(*) FROM p") == [(1,)]


def test_a_ledger_locked_down_still_folds_its_log_into_the_file(path):
    """DuckDB may touch its own files and no other: were one missing from the list, a checkpoint would fail."""
    with opened(path) as made:
        made.commit([put_part("s.1", number, f"{number}" * 400) for number in range(20_000)])
        made._connection.execute("CHECKPOINT")
        made.commit([put_part("s.2", 1, "v")])
        made.acknowledge()
    with opened(path) as made:
        assert rows(made, "SELECT count(*) FROM parts") == [(20_001,)]


# -- the store of a component ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["memory", "file"])
async def test_a_components_store_keeps_values_apart_from_others(path, where):
    async with open_ledger(MEMORY if where == "memory" else path) as ledger:
        one, other = LedgerStore(ledger, "one"), LedgerStore(ledger, "other")
        assert await one.get("k") is None
        assert await one.get("k", 7) == 7
        await one.set("k", {"a": [1, 2.5, None, "ü"]})
        await other.set("k", "theirs")
        assert await one.get("k") == {"a": [1, 2.5, None, "ü"]}
        await one.set("k", False)
        assert await one.get("k", 7) is False
        await one.delete("k")
        await one.delete("k")
        assert await one.get("k", 7) == 7
        assert await other.get("k") == "theirs"


async def test_a_components_store_outlives_the_run(path):
    async with open_ledger(path) as ledger:
        await LedgerStore(ledger, "c").set("k", [1])
    async with open_ledger(path) as ledger:
        assert await LedgerStore(ledger, "c").get("k") == [1]
