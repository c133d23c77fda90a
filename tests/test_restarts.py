"""A run that is killed costs little: what it did is committed every few seconds of work."""

import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from opendental_pipeline.databases.table import Column
from opendental_pipeline.planning.copy_planner import plan_full_copy
from opendental_pipeline.planning.table_plan import TablePlan
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.planning.table_state import TableState
from opendental_pipeline.runs.table_result import HopResult
from opendental_pipeline.runs.write_pace import WritePace
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, SliceLimits, Tuning
from tests import programs
from tests.conftest import Clinic
from tests.test_slices import (
    CHUNKED,
    FULL_DISK,
    LEDGER,
    LEDGER_COPY,
    LINE,
    LINES,
    NUMBERED,
    SMALL,
    SPARSE,
    both,
    chunked,
)
from tests.test_strategy import FULL_TABLE, KEYED, PLAIN

SLOW = Tuning(
    reading=ReadingTuning(pause_seconds=0.05), runs=RunTuning(slice_seconds=0.3, handover_rows=1)
)
PATIENCE = 60


def copied(clinic: Clinic, tuning: Tuning, table: str = "ledger") -> HopResult:
    """The first hop's result of a night in which nothing fails and everything arrives."""
    report = clinic.run(tables=chunked(clinic), tuning=tuning)
    assert report.failed == []
    assert clinic.differences() == []
    return both(report, table)[0]


def test_a_slow_source_commits_several_slices_of_one_table(clinic: Clinic) -> None:
    clinic.sql(LEDGER, NUMBERED)
    result = copied(clinic, SLOW)
    assert result.rows == 100
    # 15 statements for rows, each with one for its range
    assert 3 <= result.slices <= 15


def test_a_slow_comparison_is_committed_in_several_slices(clinic: Clinic) -> None:
    clinic.sql(LEDGER, NUMBERED)
    copied(clinic, SLOW)
    runs = replace(SLOW.runs, compare_rows=1)
    report = clinic.run(tables=chunked(clinic), tuning=replace(SLOW, runs=runs), prove=True)
    result, _ = both(report, "ledger")
    assert (report.failed, result.rows, result.slices >= 3) == ([], 0, True)


def test_wide_rows_end_a_slice_by_their_size(clinic: Clinic) -> None:
    clinic.sql(
        "CREATE TABLE letter (LetterNum int PRIMARY KEY, Note mediumtext) ENGINE=InnoDB",
        "INSERT INTO letter SELECT seq, REPEAT(seq, 20000) FROM seq_1_to_100",
    )
    tables = clinic.tables(letter={"batch_size": 5})
    wide = Tuning(runs=RunTuning(slice_megabytes=1, handover_rows=1))
    report = clinic.run(tables=tables, tuning=wide)
    result, _ = both(report, "letter")
    assert report.failed == [] and clinic.differences() == []
    # 4 to 6 MB, and a slice ends behind the statement that fills it
    assert (result.rows, 3 <= result.slices <= 7) == (100, True)


LIMITS = [
    RunTuning(slice_seconds=0.0, handover_rows=1),
    RunTuning(slice_megabytes=0, slice_rows=31, handover_rows=1),
    RunTuning(slice_seconds=0.2, slice_rows=31, group_tables=1, handover_rows=1_000),
]


@pytest.mark.parametrize("limits", LIMITS, ids=["seconds", "size", "all"])
def test_slices_of_any_limits_carry_every_key_once(clinic: Clinic, limits: RunTuning) -> None:
    clinic.sql(LEDGER, SPARSE, LINE, LINES)
    tuning, wider = Tuning(runs=limits), {**CHUNKED, "batch_size": 25}
    tables = clinic.tables(ledger=wider, line=wider)
    report = clinic.run(tables=tables, tuning=tuning)
    assert (report.failed, clinic.differences()) == ([], [])
    assert [one.rows for one in both(report, "ledger")] == [100, 100]
    clinic.sql(
        "UPDATE ledger SET Amount = -1, Edited = NOW() WHERE LedgerNum % 3 = 0",
        "DELETE FROM line WHERE ClaimNum = 0 OR LineNum = 7",
    )
    report = clinic.run(tables=tables, tuning=tuning, force_full=True)
    assert (report.failed, clinic.differences()) == ([], [])


def test_a_group_of_small_tables_commits_those_that_are_read_in_time(clinic: Clinic) -> None:
    names = [f"small_{number}" for number in range(6)]
    for name in names:
        clinic.sql(f"CREATE TABLE {name} (Num int PRIMARY KEY)", f"INSERT INTO {name} VALUES (1)")
    clinic.run(tables=uncompared(clinic, names), tuning=Tuning())
    assert loads(clinic) == 1
    for name in names:
        clinic.execute(clinic.replication, f"DROP TABLE {name}")
    slow = Tuning(
        reading=ReadingTuning(pause_seconds=0.3, max_concurrent_statements=1),
        runs=RunTuning(slice_seconds=0.5),
    )
    report = clinic.run(tables=uncompared(clinic, names), tuning=slow, force_full=True)
    assert report.failed == [] and clinic.differences() == []
    assert loads(clinic) >= 1 + 3


def uncompared(clinic: Clinic, names: list[str]) -> TablesFile:
    never = {"reconcile": {"rows": "off", "deletes": "off"}}
    return clinic.tables(**dict.fromkeys(names, never))


def loads(clinic: Clinic) -> int:
    """The load packages that replication has."""
    return int(clinic.rows(clinic.replication, "SELECT COUNT(*) FROM _dlt_loads")[0][0])


def test_a_killed_run_goes_on_at_its_last_commit(clinic: Clinic) -> None:
    clinic.sql(
        LEDGER, "INSERT INTO ledger (LedgerNum, Amount) SELECT seq, seq / 10 FROM seq_1_to_600"
    )
    tables = clinic.write_tables(ledger={**CHUNKED, "batch_size": 10})
    tables = tables.rename(tables.with_name("kept.yml"))
    variables = {
        "RUNS__SLICE_SECONDS": "0.5",
        "SOURCES__OPENDENTAL__PAUSE_SECONDS": "0.1",
        "SOURCES__OPENDENTAL__TABLES_FILE": str(tables),
    }
    held = 0
    for _ in range(2):
        kill_once_it_holds_more(clinic, held + 20, variables)
        held = rows_held(clinic)
    done = programs.nightly(clinic, **{**variables, "SOURCES__OPENDENTAL__PAUSE_SECONDS": "0"})
    assert done.code == 0, done.err
    result = done.report["tables"]["ledger"]["copy_result"]
    # a slice whose rows are there without its state is read again, and nothing else is
    assert 600 - held <= result["rows"] <= 600 - held + 40
    assert (result["missing"], result["changed"], result["extra"]) == (0, 0, 0)
    assert clinic.differences() == []


def rows_held(clinic: Clinic) -> int:
    """Rows that replication has of the ledger."""
    made = clinic.rows(clinic.replication, "SHOW TABLES LIKE 'ledger'")
    count = "SELECT COUNT(*) FROM ledger"
    return int(clinic.rows(clinic.replication, count)[0][0]) if made else 0


def kill_once_it_holds_more(clinic: Clinic, rows: int, variables: dict[str, str]) -> None:
    """Runs the job, and kills it when replication has more than so many rows of the ledger."""
    job = subprocess.Popen(
        [sys.executable, "-m", "pipelines.nightly"],
        cwd=CHECKOUT,
        env={**programs.environment(clinic), "PYTHONPATH": str(CHECKOUT), **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    try:
        while rows_held(clinic) <= rows:
            assert job.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline, "the run got nowhere"
            time.sleep(0.05)
    finally:
        job.kill()
        job.wait()


def test_raw_goes_on_behind_a_first_copy_that_is_resumed(clinic: Clinic) -> None:
    clinic.sql(LEDGER, NUMBERED)
    clinic.execute(clinic.replication, LEDGER_COPY, FULL_DISK)
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql("CREATE SCHEMA raw")
        raw.exec_driver_sql(
            """CREATE TABLE raw.ledger ("LedgerNum" bigint PRIMARY KEY CONSTRAINT small
            CHECK ("LedgerNum" < 0), "Amount" double precision, "Edited" timestamp(0),
            _loaded_at timestamptz)"""
        )
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == ["ledger"]
    with clinic.analytics.begin() as raw:
        raw.exec_driver_sql("ALTER TABLE raw.ledger DROP CONSTRAINT small")
    # the first hop gets no further, and raw has what is there
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == ["ledger"]
    assert clinic.rows(clinic.analytics, "SELECT COUNT(*) FROM raw.ledger") == [(49,)]
    clinic.execute(clinic.replication, "DROP TRIGGER full_disk")
    assert clinic.run(tables=chunked(clinic), tuning=SMALL).failed == []
    assert clinic.differences() == []


@pytest.mark.parametrize("seed", range(20))
def test_a_slice_is_as_large_as_its_destination_writes_in_time(seed: int) -> None:
    key = Column("VisitNum", "bigint", "bigint", nullable=False)
    table = replace(KEYED, columns=(key,))
    plan = plan_full_copy(FULL_TABLE, table, TableState(), PLAIN, "it was never copied")
    chance = random.Random(seed)
    limits = SliceLimits(200_000, chance.randrange(1, 100) << 20, chance.uniform(0.5, 10))
    pace = WritePace(limits, [replace(table, size=1 << 30)] * chance.randrange(1, 9), 5)
    rate = 10 ** chance.uniform(3, 9)
    for _ in range(10):
        limited = pace.limited(plan).slice_limits
        assert limited
        size = chance.randrange(1, limited.size + 1)
        assert limits.size // 64 <= limited.size <= limits.size
        pace.took(progress(plan, size), size / rate)
    limited = pace.limited(plan).slice_limits
    assert limited
    assert limited.size / rate <= limits.seconds * 1.01 or limited.size == limits.size // 64
    assert limited.size / rate >= limits.seconds * 0.99 or limited.size == limits.size


def progress(plan: TablePlan, size: int) -> TableProgress:
    return TableProgress(plan, plan.checkpoint, size=size)
