"""A clock that was set back hides no row from the second hop."""

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
