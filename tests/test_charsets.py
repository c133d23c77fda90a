"""Text of any charset arrives as it is, whatever charset the servers and databases prefer."""

import os
from pathlib import Path
from random import Random

import pytest

from demo.servers import Cluster
from tests import sessions
from tests.charsets import Recommendation, TextTable, charsets_of
from tests.conftest import new_clinic
from tests.hostile import hostile

TABLES = int(os.environ.get("CHARSET_TABLES", "30"))
"""How many are tried; the seed decides which."""
SEED = os.environ.get("CHARSET_SEED", "0")
A_CLINIC = 10
"""Tables of one clinic, whose database has a charset of its own."""


@pytest.mark.parametrize("number", range(-(-TABLES // A_CLINIC)))
def test_random_tables_of_text_are_exact_after_a_night_and_after_edits(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with sessions.engine(cluster.source.url()).connect() as connection:
        charsets = charsets_of(lambda query: connection.exec_driver_sql(query).all())
    database = Recommendation.of(Random(f"{SEED} {number}"), charsets)
    tables = [
        TextTable.of(f"{SEED} {number} {table}", table, database, charsets)
        for table in range(A_CLINIC)
    ]
    options = {"source": database.sql, "replication": "CHARACTER SET latin1"}
    with new_clinic(cluster, tmp_path, monkeypatch, **options) as clinic:
        for table in tables:
            clinic.sql(*table.creates, *table.inserts(1, 30))
        with hostile(clinic) as pipeline:
            for night in ("first", "second"):
                report = pipeline.run(confirmed=True)
                assert {name: report.tables[name].error for name in report.failed} == {}, night
                assert clinic.differences() == [], night
                assert [one for one in pipeline.verify() if not one.equal] == [], night
                if night == "first":
                    for table in tables:
                        clinic.sql(*table.edits())
