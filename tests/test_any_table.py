"""Any table that MySQL takes arrives exactly, whatever its names, types, keys and values."""

import os
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from demo.servers import Cluster
from opendental_pipeline.settings.table_config import Backend
from tests.conftest import new_clinic
from tests.edges import ANYTHING
from tests.generated import KEYS, KEYS_OF_SOME_SERVERS, OF_SOME_SERVERS, TYPES, Generated, known

NIGHTS = int(os.environ.get("RANDOM_CLINICS", "1"))
"""How many clinics of 40 tables are tried; `make thousand` tries 25."""


@settings(
    max_examples=NIGHTS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.reuse, Phase.generate],  # each example is two nights
    print_blob=True,
)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=40, max_size=40, unique=True))
def test_random_tables_are_exact_after_a_night_and_after_edits(
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seeds: list[int],
) -> None:
    with new_clinic(cluster, tmp_path, monkeypatch) as clinic:
        types = known(clinic.source, (*TYPES, *OF_SOME_SERVERS))
        keys = known(clinic.source, (*KEYS, *KEYS_OF_SOME_SERVERS))
        tables = [Generated.of(seed, number, types, keys) for number, seed in enumerate(seeds)]
        for table in tables:
            clinic.sql(ANYTHING, table.create, *table.inserts(table.random.randint(0, 25)))
        backends = cycle(Backend)
        batches = {
            table.name: {"batch_size": table.batch_size, "backend": next(backends)}
            for table in tables
        }
        first = clinic.run(tables=clinic.tables(**batches))
        errors = {name: first.tables[name].error for name in first.failed}
        assert errors == {}
        assert clinic.differences() == []

        for table in tables:
            clinic.sql(ANYTHING, *table.edits())
        # of three rows, all may be gone
        second = clinic.run(tables=clinic.tables(**batches), confirmed=True)
        assert {name: second.tables[name].error for name in second.failed} == {}
        assert clinic.differences() == []
        # and the pipeline's own comparison of them raises no false alarm
        assert [one for one in clinic.verify() if not one.equal] == []
