"""Each look of the doctor at a machine that is not well."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rushes.doctor import examine, machine, places
from rushes.doctor.certificates import certificates
from rushes.doctor.clock import TIME_ERROR, clock
from rushes.doctor.finding import Patient
from rushes.doctor.running import locked_by, running
from rushes.ledger import FILE_NAME
from rushes.settings import Settings


def component(**options):
    """Something with options, as far as a look at files needs it."""

    class Written(SimpleNamespace):
        model_fields = dict.fromkeys(options)

    return SimpleNamespace(id=options.pop("id", "raid"), options=Written(**options))


@pytest.fixture
def patient(tmp_path):
    def make(*, sources=(), sinks=(), live=None, **settings):
        (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
        pipeline = SimpleNamespace(
            file=tmp_path / "onset.yaml", state=tmp_path / "state", sources=sources, sinks=sinks,
            components=(*sources, *sinks),
        )  # fmt: skip
        return Patient(
            settings=Settings(runtime_dir=tmp_path / "run", **settings), pipeline=pipeline, live=live
        )

    return make


def verdicts(findings):
    assert all(finding.remedy for finding in findings if finding.verdict != "ok"), findings
    return [finding.verdict for finding in findings]


def test_ffmpeg_that_does_not_run(patient, monkeypatch, tmp_path):
    assert verdicts(machine.ffmpeg(patient())) == ["ok"]
    (tmp_path / "ffmpeg").write_text("#!/bin/false\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("RUSHES_FFMPEG", str(tmp_path / "ffmpeg"))
    assert verdicts(machine.ffmpeg(patient())) == ["trouble"]


def test_few_open_files(patient, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, resource.RLIM_INFINITY))
    [finding] = machine.files(patient())
    assert (finding.verdict, finding.remedy) == ("warning", "run: ulimit -n 65536")


def test_low_inotify_limits(patient, tmp_path):
    (tmp_path / "max_user_watches").write_text("8192\n")
    (tmp_path / "max_user_instances").write_text("128\n")
    findings = machine.inotify(patient(), limits=tmp_path)
    assert verdicts(findings) == ["warning", "ok"]
    assert "fs.inotify.max_user_watches=" in findings[0].remedy


@pytest.mark.parametrize(("state", "verdict"), [(0, "ok"), (TIME_ERROR, "warning"), (None, "warning")])
def test_who_keeps_the_clock(patient, state, verdict):
    def kernel():
        if state is None:
            raise OSError
        return state

    assert clock(patient(), kernel=kernel)[0].verdict == verdict


@pytest.mark.parametrize(
    ("zone", "there", "verdict"),
    [
        ("", True, "ok"),
        ("", False, "warning"),
        ("Europe/Berlin", False, "ok"),
        (":Europe/Berlin", False, "ok"),
        ("Europe/Berlni", True, "warning"),
        ("CET-1CEST", False, "ok"),
    ],
)
def test_the_timezone(patient, tmp_path, zone, there, verdict):
    path = tmp_path / "localtime"
    if there:
        path.touch()
    found = clock(patient(), kernel=lambda: 0, environment={"TZ": zone}, localtime=path)[1]
    assert found.verdict == verdict


def test_the_kernel_is_asked_and_says_one_of_its_states(patient):
    assert "set by the network" in clock(patient())[0].fact


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """PEM files of certificates that begin and end so many days from now."""
    folder = tmp_path_factory.mktemp("certified")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "set")])

    def make(begin, end):
        now = dt.datetime.now(dt.UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=begin))
            .not_valid_after(now + dt.timedelta(days=end))
            .sign(key, hashes.SHA256())
        )
        path = folder / f"{begin}.{end}.pem"
        path.write_bytes(built.public_bytes(serialization.Encoding.PEM))
        return path

    return make


@pytest.mark.parametrize(
    ("begin", "end", "verdict", "says"),
    [
        (-9, 90, "ok", "until"),
        (-9, 5, "warning", "until"),
        (-9, -1, "trouble", "ended on"),
        (3, 90, "trouble", "begins on"),
    ],
)
@pytest.mark.parametrize("of_the_page", [True, False])
def test_certificates(patient, certified, begin, end, verdict, says, of_the_page):
    path = certified(begin, end)
    given = patient(page_certificate=path) if of_the_page else patient(sinks=[component(ca_file=path)])
    [finding] = certificates(given)
    assert (finding.verdict, says in finding.fact) == (verdict, True)
    assert verdicts([finding])


def test_of_authorities_one_that_ended_does_not_matter(patient, certified, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(certified(-9, -1).read_bytes() + certified(-9, 90).read_bytes())
    assert verdicts(certificates(patient(sinks=[component(ca_file=both)]))) == ["ok"]
    assert verdicts(certificates(patient(page_certificate=both))) == ["trouble"]


def test_certificates_that_are_none(patient, tmp_path):
    (tmp_path / "odd.pem").write_text("hello")
    for name in ("odd.pem", "absent.pem"):
        given = patient(sinks=[component(ca_file=tmp_path / name)])
        assert verdicts(certificates(given)) == ["trouble"]
        assert given.written() == []


def test_a_full_disk(patient, tmp_path, monkeypatch):
    given = patient(sinks=[component(path=tmp_path / "raid" / "deep")])
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**12, free=10**6))
    findings = places.disks(given)
    assert verdicts(findings) == ["warning", "warning"]
    assert [finding.fact.partition(":")[0] for finding in findings] == ["state", "raid"]
    assert str(tmp_path) in findings[1].remedy
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**12, free=10**11))
    assert verdicts(places.disks(given)) == ["ok", "ok"]


def test_mounts(patient, tmp_path, monkeypatch):
    (tmp_path / "cards").mkdir()

    def mount(name):
        [finding] = places.mounts(patient(sources=[component(path=tmp_path / name)]))
        assert verdicts([finding])
        return finding.verdict

    assert (mount("cards"), mount("absent")) == ("ok", "warning")
    for fstype, network, verdict in (
        ("nfs4", True, "warning"),
        ("vfat", False, "warning"),
        ("exfat", False, "ok"),
    ):
        monkeypatch.setattr(
            places, "identify", lambda *_, f=fstype, n=network: SimpleNamespace(fstype=f, network=n)
        )
        assert mount("cards") == verdict


def _without_rights(monkeypatch, *closed):
    """Root may do everything: say that the kernel denies it."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path not in closed and real(path, mode))


def test_permissions(patient, tmp_path, monkeypatch):
    (tmp_path / "raid").mkdir()
    given = patient(
        sources=[component(path=tmp_path / "raid")], sinks=[component(path=tmp_path / "raid" / "day")]
    )
    assert verdicts(places.permissions(given)) == ["ok"]
    (tmp_path / "state").chmod(0o755)
    [finding] = places.permissions(given)
    assert (finding.verdict, finding.remedy) == ("trouble", f"chmod 700 {tmp_path / 'state'}")
    (tmp_path / "state").chmod(0o700)
    _without_rights(monkeypatch, tmp_path / "raid")
    assert verdicts(places.permissions(given)) == ["trouble"]
    assert verdicts(places.mounts(given)) == ["trouble"]


def test_the_folder_of_sockets(patient, tmp_path, monkeypatch):
    given, folder = patient(), tmp_path / "run"

    def said():
        [finding] = places.sockets(given)
        verdicts([finding])
        return finding.verdict

    assert (said(), folder.exists()) == ("ok", False)
    folder.mkdir(mode=0o755)
    assert said() == "warning"
    folder.chmod(0o700)
    assert said() == "ok"
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert said() == "trouble"
    folder.unlink()
    _without_rights(monkeypatch, tmp_path)
    assert said() == "trouble"
    monkeypatch.undo()
    long = Patient(settings=Settings(runtime_dir=tmp_path / ("long" * 30)))
    assert verdicts(places.sockets(long)) == ["trouble"]


def test_the_socket_is_as_long_as_the_look_thinks(tmp_path):
    path = Settings(runtime_dir=tmp_path).socket_path(tmp_path)
    assert len(os.fsencode(path)) - len(os.fsencode(tmp_path)) == places.SOCKET_NAME


_HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_somebody_has_the_ledger_and_does_not_answer(patient, tmp_path):
    given = patient()
    ledger = tmp_path / "state" / FILE_NAME
    assert verdicts(running(given)) == ["ok"]
    ledger.touch()
    assert (locked_by(ledger), verdicts(running(given))) == (0, ["ok"])
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(ledger)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert locked_by(ledger) == holder.pid
        [finding] = running(given)
        holder.stdin.close()
    assert (finding.verdict, f"process {holder.pid} " in finding.fact) == ("trouble", True)
    assert verdicts(running(given)) == ["ok"]


def test_another_file_on_the_state_folder(patient, tmp_path):
    live = {"pid": 7, "file": str(tmp_path / "onset.yaml")}
    assert verdicts(running(patient(live=live))) == ["ok"]
    [finding] = running(patient(live=live | {"file": "/x/other.yaml"}))
    assert (finding.verdict, finding.fact.startswith("/x/other.yaml ")) == ("trouble", True)


async def test_a_look_that_fails_or_hangs_hides_no_other(monkeypatch):
    end = threading.Event()

    def breaks(_patient):
        raise ZeroDivisionError("by zero")

    def hangs(_patient):
        end.wait()
        return []

    looks = (("breaks", breaks), ("hangs", hangs), ("files", machine.files))
    monkeypatch.setattr("rushes.doctor.CHECKS", looks)
    monkeypatch.setattr("rushes.doctor.LONGEST_S", 0.5)
    findings = await examine(Patient(settings=Settings()))
    end.set()
    assert [finding.check for finding in findings] == ["breaks", "hangs", "open files"]
    assert verdicts(findings[:2]) == ["warning", "warning"]
    assert "by zero" in findings[0].fact
    assert "gave no answer" in findings[1].fact


def test_a_broken_plugin_and_a_key_that_others_can_read(patient, monkeypatch, tmp_path):
    plugin = SimpleNamespace(name="odd", error="does not import", blocked=False)
    monkeypatch.setattr(machine.Registry, "load", lambda **_: SimpleNamespace(plugins=[plugin]))
    assert verdicts(machine.plugins(patient())) == ["trouble"]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "secrets.key").write_text("no key")
    [finding] = machine.key(patient(config_dir=tmp_path / "config"))
    assert finding.verdict == "trouble"
