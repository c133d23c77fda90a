"""A clock that was set back, by a person or twice a year, hides no row from either hop."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.settings.tuning import RunTuning, Tuning
from tests.conftest import Clinic


def test_rows_are_stamped_after_all_earlier_ones_even_if_those_lie_in_the_future(
    clinic: Clinic,
) -> None:
    clinic.sql(
        "CREATE TABLE recall (RecallNum bigint PRIMARY KEY, Note text NOT NULL) ENGINE=MyISAM",
        "INSERT INTO recall VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    )
    clinic.run()
    with clinic.replication.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE recall SET _replicated_at = '2037-01-01' WHERE RecallNum = 1"
        )
    clinic.run()
    clinic.sql(
        "UPDATE recall SET Note = 'x' WHERE RecallNum = 2", "DELETE FROM recall WHERE RecallNum = 3"
    )
    assert clinic.run().failed == []
    assert clinic.differences() == []
    stamps = clinic.rows(
        clinic.replication, "SELECT MAX(_replicated_at) > '2037-01-01' FROM recall"
    )
    assert stamps == [(1,)]
    assert clinic.rows(
        clinic.replication, "SELECT COUNT(*) FROM etl_tombstones WHERE deleted_at > '2037-01-01'"
    ) == [(1,)]


EASTERN = (
    "INSERT INTO mysql.time_zone VALUES (7001, 'N')",
    "INSERT INTO mysql.time_zone_name VALUES ('Clinic/Eastern', 7001)",
    "INSERT INTO mysql.time_zone_transition_type VALUES"
    " (7001, 0, -18000, 0, 'EST'), (7001, 1, -14400, 1, 'EDT')",
    "INSERT INTO mysql.time_zone_transition VALUES"
    " (7001, UNIX_TIMESTAMP('2025-03-09 07:00'), 1), (7001, UNIX_TIMESTAMP('2025-11-02 06:00'), 0)",
)
"""What a server's table of time zones has of a clinic in the east of the USA, in one year."""


@pytest.fixture
def eastern(clinic: Clinic) -> Iterator[Clinic]:
    """A clinic whose server shows New York's time."""
    clinic.sql("SET SESSION time_zone = '+00:00'", *EASTERN)
    clinic.sql("SET GLOBAL time_zone = 'Clinic/Eastern'")
    yield clinic
    clinic.sql("SET GLOBAL time_zone = SYSTEM")
    for table in ("time_zone", "time_zone_transition", "time_zone_transition_type"):
        clinic.sql(f"DELETE FROM mysql.{table} WHERE Time_zone_id = 7001")
    clinic.sql("DELETE FROM mysql.time_zone_name WHERE Time_zone_id = 7001")


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        pytest.param("2025-03-09 07:00:00", "01:59:59", "03:00:00", id="an hour is left out"),
        pytest.param("2025-11-02 06:00:00", "01:59:59", "01:00:00", id="an hour comes twice"),
    ],
)
def test_nights_over_a_clock_change_miss_no_edit(
    eastern: Clinic, change: str, before: str, after: str
) -> None:
    eastern.sql(
        "CREATE TABLE visit (VisitNum int PRIMARY KEY, Note varchar(20) NOT NULL, Held datetime,"
        " Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())"
        " ENGINE=MyISAM"
    )
    # the server's clock at each edit, in minutes from the change
    for minutes in (-70, -1, 0, 25, 61):
        clock = f"SET SESSION timestamp = {unix(change)} + 60 * {minutes}"
        number = 200 + minutes
        eastern.sql(
            clock,
            f"INSERT INTO visit (VisitNum, Note, Held) VALUES ({number}, 'new', NOW())",
            f"UPDATE visit SET Note = 'edited {minutes}' WHERE VisitNum MOD 3 = {number % 3}",
        )
        assert eastern.run().failed == []
        assert eastern.differences() == []
    shown = eastern.rows(
        eastern.source,
        f"SELECT CAST(FROM_UNIXTIME({unix(change)} - 1) AS TIME),"
        f" CAST(FROM_UNIXTIME({unix(change)}) AS TIME)",
    )[0]
    assert [str(clock).zfill(8) for clock in shown] == [before, after]


@pytest.fixture
def advanced(clinic: Clinic) -> Iterator[Clinic]:
    """A clinic whose server's clock is two days ahead for whoever may not set it."""
    clinic.sql("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 172800'")
    yield clinic
    clinic.sql("SET GLOBAL init_connect = ''")


@pytest.mark.parametrize("before", ["this version", "one that believed the source's clock"])
def test_a_clock_that_was_ahead_for_a_night_hides_no_later_edit(
    advanced: Clinic, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    small = Tuning(runs=RunTuning(compare_rows=100, handover_rows=1))
    for name, rows in (("visit", 50), ("recall", 400)):
        advanced.sql(
            "SET timestamp = UNIX_TIMESTAMP() + 172800",
            f"CREATE TABLE {name} (Num int PRIMARY KEY, Note varchar(20) NOT NULL,"
            " Edited timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())",
            f"INSERT INTO {name} (Num, Note) SELECT seq, 'new' FROM seq_1_to_{rows}",
        )
    entry = {
        "extraction_strategy": "incremental",
        "incremental_columns": ["Edited"],
        "reconcile": {"rows": "off"},
    }
    tables = advanced.tables(visit=entry, recall=entry)
    with monkeypatch.context() as earlier:
        if before != "this version":
            earlier.setattr(Clock, "not_after", lambda clock, _: clock)
        assert advanced.run(tables=tables, tuning=small).failed == []
    advanced.sql("SET GLOBAL init_connect = ''")
    marks = "SELECT MAX(last_primary_value) > NOW() FROM etl_copy_status"
    assert advanced.rows(advanced.replication, marks) == [(before != "this version",)]
    for night in range(3):
        for name in ("visit", "recall"):
            advanced.sql(f"UPDATE {name} SET Note = 'night {night}' WHERE Num % 7 = {night}")
        assert advanced.run(tables=tables, tuning=small).failed == []
        assert advanced.differences() == []


def unix(moment: str) -> int:
    return int(datetime.fromisoformat(f"{moment}+00:00").timestamp())
