"""Whatever happens at whatever place: the night ends in time and tells the truth, the next mends.

A sample runs in the suite; `make faults` tries every fault at every place, and 500 at random.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest

from demo import servers, suites
from tests.conftest import Clinic, new_clinic
from tests.faults import FAULTS, PLACES, Ended, Fault, Stage

RANDOM = int(os.environ.get("RANDOM_FAULTS", "0"))
"""How many faults at random are tried."""
SEED = int(os.environ.get("FAULT_SEED", "18"))
ALL = os.environ.get("ALL_FAULTS") == "1"
SAMPLE = [
    Fault("SIGKILL", "commit of replication"),
    Fault("SIGTERM", "state"),
    Fault("source gone", "read"),
    Fault("source gone", "stage"),
    Fault("source locked", "read"),
    Fault("replication cut", "status"),
    Fault("replication gone", "stage"),
    Fault("replication gone", "read", 5),
    Fault("analytics gone", "commit of raw"),
    Fault("analytics gone", "status", 5),
    Fault("analytics cut", "report"),
    Fault("disk full", "read"),
    Fault("replication frozen", "state"),
    Fault("analytics frozen", "commit of raw"),
    Fault("analytics locked", "status"),
]
EVERY = [Fault(kind, place) for place, kind in product(PLACES, FAULTS)]


def at_random(count: int) -> list[Fault]:
    """Faults at any call of any place."""
    random = Random(SEED)
    return [
        Fault(random.choice(FAULTS), random.choice(list(PLACES)), random.randint(1, 6))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A clinic on servers of its own, since they are killed and frozen."""
    folder = tmp_path_factory.mktemp("faults")
    cluster = servers.start(
        folder / "servers", releases=suites.chosen(os.environ), say=lambda _: None
    )
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True)
    try:
        with pytest.MonkeyPatch.context() as patch, new_clinic(cluster, disk, patch) as clinic:
            fill(clinic)
            assert clinic.run().failed == []
            yield Stage(clinic, folder, disk)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
        servers.remove(folder / "servers")
        shutil.rmtree(folder, ignore_errors=True)


def fill(clinic: Clinic) -> None:
    """Tables of each way to be moved."""
    clinic.sql(
        "CREATE TABLE visit (VisitNum int AUTO_INCREMENT PRIMARY KEY, Note varchar(50),"
        " DateTStamp timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp,"
        " KEY (DateTStamp)) ENGINE=InnoDB",
        "INSERT INTO visit (Note) SELECT REPEAT('v', seq % 50) FROM seq_1_to_20000",
        "CREATE TABLE fee (FeeNum int PRIMARY KEY, Amount double) ENGINE=MyISAM",
        "INSERT INTO fee SELECT seq, seq / 7 FROM seq_1_to_3000",
        "CREATE TABLE preference (PrefName varchar(50) PRIMARY KEY, ValueString text)",
        "INSERT INTO preference SELECT CONCAT('name', seq), REPEAT('p', seq) FROM seq_1_to_200",
        "CREATE TABLE entry (Word varchar(20)) ENGINE=MyISAM",
        "INSERT INTO entry SELECT seq % 10 FROM seq_1_to_100",
    )


def work(clinic: Clinic, number: int) -> None:
    """A day."""
    clinic.sql(
        f"UPDATE visit SET Note = 'day {number}' WHERE VisitNum % 997 = {number % 997}",
        f"DELETE FROM visit WHERE VisitNum % 1499 = {number % 1499}",
        f"INSERT INTO visit (Note) VALUES ('new {number}')",
        f"UPDATE fee SET Amount = Amount + 1 WHERE FeeNum % 101 = {number % 101}",
        f"UPDATE preference SET ValueString = 'day {number}' WHERE PrefName = 'name7'",
        f"INSERT INTO entry VALUES ('day {number}')",
    )


def moved(clinic: Clinic) -> list[object]:
    """What changes when anything is moved."""
    sums = clinic.rows(clinic.replication, "CHECKSUM TABLE visit, fee, preference, entry")
    raw = [
        clinic.rows(clinic.analytics, f"SELECT count(*), max(xmin::text::bigint) FROM raw.{name}")
        for name in ("visit", "fee", "preference", "entry")
    ]
    return [sums, raw]


def check(stage: Stage, fault: Fault) -> Ended:
    """Runs into a fault, and sees that all that was said is true and the next night mends it."""
    clinic = stage.clinic
    work(clinic, stage.runs)
    before = moved(clinic)
    ended = stage.run(fault)
    what = f"{fault}: exit {ended.code} after {ended.seconds:.1f} s, said {ended.said[-800:]}"
    assert ended.code is not None, f"it hung; {what}"
    assert "Traceback" not in ended.said, what
    if ended.code == 0:
        assert clinic.differences() == [], what
    if ended.code == 2:
        assert moved(clinic) == before, what
    if ended.code == -9:
        assert (fault.kind, ended.report) == ("SIGKILL", {}), what
    else:
        assert ended.report["exit_code"] == ended.code, what
        allowed = {0: ["success"], 1: ["partial", "failed"], 2: ["failed"], 130: ["interrupted"]}
        assert ended.report["outcome"] in allowed[ended.code], what
    again = clinic.run(confirmed=True)
    assert {name: again.tables[name].error for name in again.failed} == {}, what
    assert clinic.differences() == [], what
    query = "SELECT status FROM raw.etl_runs ORDER BY started_at DESC LIMIT 2"
    (_,), (status,) = clinic.rows(clinic.analytics, query)
    assert status == ended.report.get("outcome", "crashed"), what
    return ended


@pytest.mark.parametrize("fault", [*(EVERY if ALL else SAMPLE), *at_random(RANDOM)], ids=str)
def test_a_night_into_a_fault_ends_truly_and_the_next_one_mends_it(
    stage: Stage, fault: Fault
) -> None:
    ended = check(stage, fault)
    if fault.number == 1:
        assert ended.reached, f"{fault}: the run never came there"
    if fault in SAMPLE:
        assert ended.applied, f"{fault}: nothing happened"
