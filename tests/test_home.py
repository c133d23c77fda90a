"""What a run keeps on this machine is a cache: damage to it, a full disk and kills lose nothing."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opendental_pipeline.settings.home import CHECKOUT
from tests import programs
from tests.conftest import Clinic
from tests.interruption import kill_between_data_and_state
from tests.programs import at_work


def become_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "garbage": lambda file: file.write_bytes(b"\xff\x00{" * 50),
    "other JSON": lambda file: file.write_bytes(b'{"a": []}'),
    "a list": lambda file: file.write_bytes(b"[1]"),
    "gone": lambda file: file.unlink(),
    "a folder": become_a_folder,
}


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    """A clinic that has had one night."""
    clinic.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note varchar(20)) ENGINE=MyISAM",
        "INSERT INTO visit VALUES (1, 'a'), (2, 'b')",
    )
    assert clinic.run().failed == []
    return clinic


def files_of(clinic: Clinic) -> list[Path]:
    """The files that a run leaves, but not those of packages that are loaded."""
    found = (clinic.home / "pipelines").rglob("*")
    return [path for path in found if path.is_file() and "loaded" not in path.parts]


def test_a_damaged_file_of_dlt_s_is_as_on_a_machine_that_never_ran(practice: Clinic) -> None:
    names = [file.relative_to(practice.home) for file in files_of(practice)]
    assert "state.json" in {name.name for name in names}
    number = 2
    for name in names:
        for damage in DAMAGES.values():
            # a lock or a trace has no say in what is moved
            if name.suffix != ".json" and damage is not DAMAGES["garbage"]:
                continue
            number += 1
            file = practice.home / name
            damage(file)
            practice.sql(f"INSERT INTO visit VALUES ({number}, 'c')")
            report = practice.run()
            assert (report.failed, report.rows_copied) == ([], number)
            assert practice.differences() == []
            assert file.is_file()


def test_a_package_that_a_killed_run_left_damaged_is_thrown_away(practice: Clinic) -> None:
    tables = practice.write_tables()
    for hop in ("replication", "raw"):
        practice.sql("UPDATE visit SET Note = CONCAT(Note, 'x')")
        kill_between_data_and_state(practice, tables, hop)
        pipeline = {"replication": "opendental_replication", "raw": "opendental"}[hop]
        left = [p for p in (practice.home / "pipelines" / pipeline).rglob("*") if p.is_file()]
        assert any("new" in path.parts or "normalized" in path.parts for path in left)
        for path in left:
            path.write_bytes(path.read_bytes()[:5])
        assert practice.run().failed == []
        assert practice.differences() == []


def leftovers(clinic: Clinic) -> set[str]:
    """The files, folders and tables that are there, without the names of packages."""
    found = {str(path.relative_to(clinic.home)) for path in clinic.home.rglob("*")}
    named = {name for name in found if "/loaded/" not in name}
    return named | set(programs.tables_made(clinic))


def test_a_killed_run_leaves_nothing_behind_the_next(practice: Clinic) -> None:
    practice.sql("UPDATE visit SET Note = 'c'")
    assert practice.run().failed == []
    clean = leftovers(practice)
    tables = practice.write_tables()
    for hop in ("replication", "raw"):
        practice.sql("UPDATE visit SET Note = CONCAT(Note, 'x')")
        kill_between_data_and_state(practice, tables, hop)
        (practice.home / "pipelines/.opendental_verify-slices-killed").mkdir()
    tables.unlink()
    for path in tables.parent.glob("tables.analysis.json"):
        path.unlink()
    assert practice.run().failed == []
    assert leftovers(practice) == clean


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Writes until nothing more fits."""
    try:
        (folder / "filler").write_bytes(b"\0" * (64 << 20))
    except OSError as error:
        assert error.strerror == "No space left on device"


@pytest.mark.parametrize(
    ("disk", "words"),
    [("full", "no space left on device"), ("read-only", "read-only file system")],
)
def test_a_disk_that_takes_nothing_is_refused_in_one_line(
    practice: Clinic, tmp_path: Path, disk: str, words: str
) -> None:
    practice.sql("UPDATE visit SET Note = 'c'")
    environ = programs.environment(practice)
    with mounted(tmp_path / "disk", "size=1m") as folder:
        if disk == "full":
            fill(folder)
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        environ["DLT_DATA_DIR"] = str(folder)
        before = practice.rows(practice.analytics, "SELECT count(*) FROM raw.etl_runs")
        done = programs.start("nightly.py", environ=environ, cwd=tmp_path)
        assert done.code == 2
        assert done.err.strip() == (
            f"the working folder cannot be used: {words} in {folder}; make room there, or name"
            " another folder by DLT_DATA_DIR"
        )
        assert practice.rows(practice.analytics, "SELECT count(*) FROM raw.etl_runs") == before


def test_a_disk_that_fills_fails_the_tables_that_need_room_and_no_others(
    practice: Clinic, tmp_path: Path
) -> None:
    practice.sql(
        "UPDATE visit SET Note = 'c'",
        "CREATE TABLE scan (ScanNum int PRIMARY KEY, Page longtext) ENGINE=MyISAM",
        "INSERT INTO scan SELECT seq, REPEAT(MD5(seq), 10000) FROM seq_1_to_20",
    )
    with mounted(tmp_path / "disk", "size=3m") as folder:
        environ = {**programs.environment(practice), "DLT_DATA_DIR": str(folder)}
        done = programs.start("nightly.py", environ=environ, cwd=tmp_path)
    assert done.code == 1, done.err
    assert "table scan, hop replication: cannot be read: no space left on device in" in done.err
    assert "Traceback" not in done.err
    assert practice.rows(practice.analytics, 'SELECT DISTINCT "Note" FROM raw.visit') == [("c",)]
    assert practice.run().failed == []
    assert practice.differences() == []


def test_all_that_a_run_writes_is_its_account_s_alone(practice: Clinic) -> None:
    shutil.rmtree(practice.home)
    # as an earlier version left it
    (practice.home / "pipelines").mkdir(parents=True)
    (practice.home / "pipelines").chmod(0o755)
    practice.sql("INSERT INTO visit SELECT seq, 'd' FROM seq_10_to_30000")
    fresh = replace(practice, home=practice.home)
    seen: set[tuple[str, int]] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            for folder, _, files in os.walk(practice.home / "pipelines"):
                for path in (Path(folder), *(Path(folder, name) for name in files)):
                    with suppress(FileNotFoundError):
                        seen.add((path.name, path.stat().st_mode & 0o077))

    watcher = threading.Thread(target=look)
    with at_work(fresh) as job:
        end = time.monotonic() + 30
        while not (practice.home / "pipelines/opendental.lock").exists():
            assert time.monotonic() < end
        watcher.start()
        job.process.wait(timeout=60)
        ended.set()
        watcher.join()
    assert job.process.returncode == 0
    assert [name for name, mode in seen if mode] == []
    assert any(name.endswith(".tsv") or "slices" in name for name, _ in seen), seen
    assert (practice.home / "pipelines").stat().st_mode & 0o777 == 0o700


def test_a_program_leaves_no_core(practice: Clinic) -> None:
    with practice.source.connect() as holder, at_work(practice) as job:
        holder.exec_driver_sql("LOCK TABLES visit WRITE")
        end = time.monotonic() + 30
        limits = Path(f"/proc/{job.process.pid}/limits")
        while "Max core file size        0                    0" not in limits.read_text():
            assert time.monotonic() < end, limits.read_text()
            time.sleep(0.05)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_log_on_a_full_disk_ends_no_night(practice: Clinic, stream: str) -> None:
    practice.sql("INSERT INTO visit VALUES (3, 'c')")
    command = [sys.executable, "pipelines/nightly.py"]
    with Path("/dev/full").open("w") as full:
        streams: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=programs.environment(practice),
            text=True,
            timeout=60,
            check=False,
            **{**streams, stream: full},
        )
    assert done.returncode == 0
    if stream == "stdout":
        assert "not all of standard output could be written: No space left" in done.stderr
    assert practice.differences() == []
    outcomes = practice.rows(practice.analytics, "SELECT status, exit_code FROM raw.etl_runs")
    assert outcomes == [("success", 0)] * 2
