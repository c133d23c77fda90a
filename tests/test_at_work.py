"""A clinic that works while the nights run is exact after the first quiet one, and none failed."""

import os

import pytest

from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.tuning import ReadingTuning, RunTuning, Tuning
from tests.at_work import clinic_at_work, tables
from tests.conftest import Clinic

NIGHTS = int(os.environ.get("AT_WORK_NIGHTS", "2"))
"""Busy nights, each with a quiet one after it."""

TUNING = Tuning(
    reading=ReadingTuning(overlap_seconds=60),
    runs=RunTuning(handover_rows=1, compare_rows=50, slice_rows=700),
)


@pytest.mark.parametrize("seed", [int(os.environ.get("AT_WORK_SEED", "0"))])
def test_after_each_quiet_night_all_is_equal_and_no_night_failed(clinic: Clinic, seed: int) -> None:
    clinic.sql(*tables())
    for night in range(NIGHTS):
        with clinic_at_work(clinic.source.url, seed + night):
            assert errors(a_night(clinic, night)) == {}, f"busy night {night}"
        assert errors(clinic.run(tuning=TUNING, prove=True, confirmed=True)) == {}
        assert clinic.differences() == [], f"after night {night}"
        assert [one for one in clinic.verify() if not one.equal] == []


def a_night(clinic: Clinic, night: int) -> RunReport:
    """A night in small slices; every third one compares all rows."""
    return clinic.run(tables=contract(clinic), tuning=TUNING, prove=night % 3 == 2, confirmed=True)


def contract(clinic: Clinic) -> TablesFile:
    """Tables of both engines with statements of few rows."""
    few = {"batch_size": 97}
    return clinic.tables(visit=few, payment=few, sheet=few, securitylog=few, code=few)


def errors(report: RunReport) -> dict[str, str | None]:
    """What failed, and why."""
    hops = {name: list(report.tables[name].hops()) for name in report.failed}
    return {
        name: next((r.error for _, r in found if r.error), None) for name, found in hops.items()
    }
