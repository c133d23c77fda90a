"""The first night: everything arrives, and both tiers say so."""

from tests.conftest import Clinic

PATIENT = """
    CREATE TABLE patient (
        PatNum bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, LName varchar(100) NOT NULL DEFAULT '',
        Birthdate date NOT NULL DEFAULT '0001-01-01', Balance double NOT NULL DEFAULT 0,
        SecDateTEdit timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
    ) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"""


def test_every_row_arrives_in_both_tiers(clinic: Clinic) -> None:
    clinic.sql(PATIENT, "INSERT INTO patient (LName, Balance) VALUES ('O''Brien', 0.1), ('', -2.5)")
    report = clinic.run()
    assert report.failed == []
    assert (report.rows_copied, report.rows_loaded) == (2, 2)
    assert clinic.differences() == []
