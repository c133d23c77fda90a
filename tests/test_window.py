"""A run begins in the hours that `--window` names, and is refused at any other."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from opendental_pipeline.runs.options import Options
from opendental_pipeline.settings.errors import RunRefusedError
from opendental_pipeline.settings.window import Window
from tests import programs, sinks
from tests.conftest import Clinic

DAY = 24 * 60
MINUTES = st.integers(0, DAY - 1)
MOMENTS = st.times() | MINUTES.map(lambda minute: time(*divmod(minute, 60)))


def text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def around_now(begin: int, end: int) -> str:
    """A window that begins and ends some hours from now."""
    now = datetime.now()
    return "-".join(f"{now + timedelta(hours=hours):%H:%M}" for hours in (begin, end))


@given(MINUTES, MINUTES, MOMENTS)
@example(21 * 60, 6 * 60, time(21))
@example(9 * 60, 17 * 60, time(9))
@example(9 * 60, 17 * 60, time(17))
@example(21 * 60, 6 * 60, time(6))
@example(21 * 60, 6 * 60, time(5, 59, 59, 999999))
@example(21 * 60, 0, time(0))
def test_a_window_holds_the_minutes_from_its_begin_to_before_its_end(
    begin: int, end: int, moment: time
) -> None:
    assume(begin != end)
    window = Window.parse(f"{text(begin)}-{text(end)}")
    minutes = set()
    while begin != end:
        minutes.add(begin)
        begin = (begin + 1) % DAY
    assert (moment in window) == (moment.hour * 60 + moment.minute in minutes)


@given(st.from_regex(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}", fullmatch=True))
@example("21:00-06:00")
@example("24:00-06:00")
@example("06:00-06:00")
def test_a_window_is_two_different_times_of_a_clock(written: str) -> None:
    parts = [int(part) for part in re.split("[:-]", written)]
    valid = parts[0] < 24 and parts[2] < 24 and parts[1] < 60 and parts[3] < 60
    if valid and parts[:2] != parts[2:]:
        assert str(Window.parse(written)) == written
    else:
        with pytest.raises(ValueError, match="must"):
            Window.parse(written)


@pytest.mark.parametrize(
    "written", ["", "21-6", "9:00-17:00", "21:00", "21:00-06:00\n", "２1:00-06:00"]
)
def test_what_is_no_window_is_told_in_one_sentence(written: str) -> None:
    with pytest.raises(ValueError, match="must be of the form HH:MM-HH:MM, as 21:00-06:00, not '"):
        Window.parse(written)


def test_it_asks_the_clock_that_it_is_given() -> None:
    window = Window.parse("21:00-06:00")
    window.refuse_outside(lambda: time(21))
    with pytest.raises(
        RunRefusedError, match="it is 12:05, and a run may begin within 21:00-06:00"
    ):
        window.refuse_outside(lambda: time(12, 5))


def test_the_history_says_what_window_was_asked_for() -> None:
    assert Options(window=Window.parse("21:00-06:00")).asked == {"window": "21:00-06:00"}


def test_a_late_run_is_refused_told_and_in_the_history_and_touches_nothing(clinic: Clinic) -> None:
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)", "INSERT INTO visit VALUES (1)")
    late = around_now(2, 3)
    # nothing is connected to: the source is not even there
    gone: Mapping[str, str] = {"OPENDENTAL_SOURCE_PORT": "1"}
    with sinks.mail() as mail:
        done = programs.nightly(clinic, "--window", late, ETL_NOTIFY_URLS=mail.url(), **gone)
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert f"a run may begin within {late} only" in line
    assert (done.report["outcome"], done.report["exit_code"]) == ("refused", 3)
    assert done.report["stopped"] == line
    assert line in mail.taken[0].get_content()
    assert programs.tables_made(clinic) == []
    assert programs.nightly(clinic, "--window", late, "--dry-run").code == 3

    open_now = around_now(-2, 2)
    done = programs.nightly(clinic, "--window", open_now)
    assert done.code == 0, done.err
    query = "SELECT status, exit_code, options ->> 'window' FROM raw.etl_runs ORDER BY started_at"
    runs = clinic.rows(clinic.analytics, query)
    assert runs == [("refused", 3, late), ("success", 0, open_now)]


def test_a_wrong_window_is_told_by_the_command_line(clinic: Clinic) -> None:
    done = programs.start("nightly.py", "--window", "9-5", environ={}, cwd=clinic.home.parent)
    assert done.code == 2
    told = done.err.splitlines()[-1]
    assert told.startswith("nightly.py: error: argument --window: must be of the form HH:MM-HH:MM")
