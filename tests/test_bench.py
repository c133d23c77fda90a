"""The benchmark: a tiny one runs to its end, and what it concludes from figures is right."""

import json
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.__main__ import KEPT, MISSED, main
from bench.figures import Limit, Line, Results, Series
from bench.programs import BenchError, Usage, Workplace
from bench.servers import connect_to
from bench.watch import Run, longest_statement, statements_logged, writing
from demo.servers import Cluster
from tests.conftest import Clinic


def series(name: str, *seconds: float, rows: int = 1_000) -> Series:
    return Series(name, [Run(rows, Usage(s, 0.0, 0.0), {}, 0.0, 0.0, 0.0, {}) for s in seconds])


def test_a_tiny_benchmark_prints_a_table_and_leaves_figures_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("--rows", "2000", "--runs", "1")
    code = main([*sizes, "--only", "ours,floor", "--output", str(tmp_path)])

    shown = capsys.readouterr().out
    assert code in (KEPT, MISSED), shown
    assert "first load: the clients alone" in shown
    found = json.loads((tmp_path / "bench.json").read_text())
    (ratio,) = found["ratios"]
    assert ratio["ratio"] > 0
    assert ratio["kept"] == (code == KEPT)
    ours, floor = (one["runs"][0] for one in found["series"])
    for run in (ours, floor):
        assert run["rows"] == 2_000
        assert run["usage"]["seconds"] > 0
        assert run["longest_statement_seconds"] > 0
    assert ours["cpu_seconds_per_million_rows"] > 0
    assert min(ours["servers_cpu_seconds_per_million_rows"].values()) > 0
    assert 20 < floor["usage"]["peak_mb"] + 20 < ours["usage"]["peak_mb"]
    assert sum(floor["parts_seconds"].values()) == pytest.approx(floor["usage"]["seconds"])
    assert {"source", "replication", "analytics", "ours"} < set(found["versions"])
    assert b"times as long as ours" in (tmp_path / "bench.svg").read_bytes()
    assert not (tmp_path / "servers").exists()
    assert not (tmp_path / "scratch").exists()


def test_the_median_of_the_runs_is_held_against_the_limit() -> None:
    limits = (Limit("ours", "other", 0.5), Limit("ours", "absent", 1.0))
    measured = (series("ours", 9.0, 2.0, 3.0), series("other", 6.0))
    (kept,) = Results(measured, {}).ratios(limits)
    assert (kept.value, kept.kept) == (0.5, True)
    (missed,) = Results((series("ours", 3.01), measured[1]), {}).ratios(limits)
    assert not missed.kept


def test_what_a_slow_contender_needs_to_start_is_counted_once() -> None:
    few, many = series("few", 6.0, rows=100), series("many", 15.0, rows=1_000)
    assert Line("all", few, many, 1_000_000).seconds == pytest.approx(5 + 0.01 * 1_000_000)
    assert Line("noise", series("few", 16.0, rows=100), many, 1_000_000).seconds == 15.0


def test_the_longest_statement_is_the_readers_own(cluster: Cluster, clinic: Clinic) -> None:
    owner = connect_to(cluster.source)
    reader = sa.create_engine(
        clinic.source.url.set(username=cluster.reader_user, password=cluster.reader_password)
    )
    with statements_logged(owner):
        for engine, seconds in ((reader, 0.2), (owner, 0.4)):
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT SLEEP(:seconds)"), {"seconds": seconds})
        reader.dispose()
    assert 0.2 <= longest_statement(owner, cluster.reader_user) < 0.4


def test_a_writer_waits_as_long_as_a_table_is_locked(clinic: Clinic) -> None:
    clinic.sql("CREATE TABLE t (a int) ENGINE=MyISAM", "INSERT INTO t VALUES (0), (0)")
    owner = clinic.source.execution_options(isolation_level="AUTOCOMMIT")
    with writing(owner, "UPDATE t SET a = :n", every=0.01) as waits:
        # a table of one row would be read, and unlocked, before the rest begins
        clinic.rows(clinic.source, "SELECT SLEEP(0.2) FROM t")
    assert 0.2 < max(waits) < 5
    assert clinic.rows(clinic.source, "SELECT DISTINCT a FROM t") == [(len(waits) - 1,)]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (("sh", "-c", "echo what went wrong >&2; exit 3"), r"exit code 3.\nwhat went wrong"),
        (("sleep", "60"), "longer than 0 seconds"),
    ],
)
def test_a_program_that_fails_or_hangs_ends_the_benchmark(
    tmp_path: Path, program: tuple[str, ...], message: str
) -> None:
    place = Workplace(tmp_path)
    place.clean()
    start = time.monotonic()
    with pytest.raises(BenchError, match=message):
        place.run("it", program, {}, timeout=0.4)
    assert time.monotonic() - start < 5


def test_a_programs_memory_is_its_own(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.clean()
    held = b"x" * 200_000_000
    assert place.run("it", ["true"], {}).peak_mb < 50 < len(held) / 1e6
