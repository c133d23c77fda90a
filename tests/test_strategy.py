"""The strategy of a table's pass in one run, and the reason it gives, without any server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opendental_pipeline.databases.clock import Clock
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.planning.copy_planner import plan_copy
from opendental_pipeline.planning.load_planner import plan_load
from opendental_pipeline.planning.plan_context import PlanContext
from opendental_pipeline.planning.slice import PendingAlter, WriteMode
from opendental_pipeline.planning.source_contract import REPLICATED_AT, check_contract
from opendental_pipeline.planning.table_state import Checkpoint, TableState
from opendental_pipeline.settings.errors import SchemaError
from opendental_pipeline.settings.table_config import TableConfig

NOW = "2026-03-01 02:00:00"
CLOCK = Clock(local=NOW, utc=NOW)


def column(name: str, kind: str, *, nullable: bool = False) -> Column:
    return Column(name, kind, kind, nullable)


KEYED = Table(
    name="visit",
    engine="MyISAM",
    rows=5,
    size=100,
    updated_at=datetime.fromisoformat("2026-03-01 01:00:00"),
    created_at=datetime.fromisoformat("2026-01-01 01:00:00"),
    columns=(
        column("VisitNum", "bigint"),
        column("Edited", "timestamp"),
        column("Sent", "datetime", nullable=True),
        column("Note", "varchar"),
    ),
    primary_key=("VisitNum",),
)
COLUMNS = KEYED.identity
KEYLESS = replace(KEYED, primary_key=())


def entry(**fields: Any) -> TableConfig:
    standard = {
        "table_name": "visit",
        "primary_key": ["VisitNum"],
        "extraction_strategy": "incremental",
        "incremental_columns": ["Edited"],
    }
    return TableConfig(**{**standard, **fields})


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


COPIED = TableState(
    columns=COLUMNS,
    created_at="2026-01-01 01:00:00",
    watermarks={"Edited": "2026-02-28 12:00:00"},
    completed_at=days_ago(1),
    read_at="2026-02-28 02:00:00",
    updated_at="2026-02-28 01:59:57",
)
FULL_PASS = Checkpoint(
    "full_table",
    NOW,
    NOW,
    last_key=("3",),
    rows=3,
    columns=COLUMNS,
    created_at="2026-01-01 01:00:00",
)
PLAIN = PlanContext(clock=CLOCK, target_has_rows=True, target_rows=5)

FULL_TABLE = entry(extraction_strategy="full_table", incremental_columns=[])
CHUNKED = entry(extraction_strategy="incremental_chunked", batch_size=2)


@pytest.mark.parametrize(
    ("config", "state", "at", "strategy", "reason"),
    [
        (entry(), COPIED, PLAIN, "incremental", "tables.yml says incremental"),
        (CHUNKED, COPIED, PLAIN, "incremental_chunked", "tables.yml says incremental_chunked"),
        (FULL_TABLE, COPIED, PLAIN, "full_table", "tables.yml says full_table"),
        (entry(), COPIED, replace(PLAIN, force=True), "full_table", "a full load was asked for"),
        (entry(), TableState(), PLAIN, "full_table", "it was never copied"),
        (
            entry(),
            TableState(in_progress=FULL_PASS),
            PLAIN,
            "full_table",
            "its first copy was interrupted",
        ),
        (
            entry(),
            replace(COPIED, columns=COLUMNS[:2]),
            PLAIN,
            "full_table",
            "its columns Sent, Note are new",
        ),
        (
            entry(),
            replace(COPIED, columns=(*COLUMNS[:3], "Note int null", COLUMNS[4])),
            PLAIN,
            "full_table",
            "its columns Note are defined otherwise now",
        ),
        (
            entry(),
            replace(COPIED, columns=(*COLUMNS[:4], "key Note")),
            PLAIN,
            "full_table",
            "its key is VisitNum now",
        ),
        (
            entry(),
            replace(COPIED, created_at="2026-02-01 00:00:00"),
            PLAIN,
            "full_table",
            "it was altered or made anew at the source",
        ),
        (
            entry(incremental_columns=["Gone"]),
            COPIED,
            PLAIN,
            "full_table",
            "its cursor Gone is not among the source's columns",
        ),
        (
            entry(lookback={"days": 3, "columns": ["Gone"]}),
            COPIED,
            PLAIN,
            "full_table",
            "its cursor Gone is not among the source's columns",
        ),
        (
            entry(),
            COPIED,
            replace(PLAIN, target_has_rows=False),
            "full_table",
            "replication has no rows of it",
        ),
        (
            entry(),
            replace(COPIED, completed_at=days_ago(31)),
            PLAIN,
            "full_table",
            "it was not copied for 31 days",
        ),
        (
            entry(time_gap_threshold_days=60),
            replace(COPIED, completed_at=days_ago(31)),
            PLAIN,
            "incremental",
            "tables.yml says incremental",
        ),
        (
            entry(),
            replace(COPIED, watermarks={}),
            PLAIN,
            "full_table",
            "there is no watermark to start from",
        ),
        (
            entry(),
            replace(COPIED, watermarks={"Edited": "0000-00-00 00:00:00"}),
            PLAIN,
            "full_table",
            "there is no watermark to start from",
        ),
        (
            entry(incremental_columns=["Note"]),
            COPIED,
            PLAIN,
            "full_table",
            "it has no usable cursor",
        ),
        (
            entry(incremental_columns=["Edited", "Note"], incremental_strategy="or_logic"),
            COPIED,
            PLAIN,
            "full_table",
            "it has no usable cursor",
        ),
    ],
)
def test_a_copy_is_planned_for_a_reason(
    config: TableConfig, state: TableState, at: PlanContext, strategy: str, reason: str
) -> None:
    plan = plan_copy(config, KEYED, state, at)
    assert plan is not None
    assert (plan.strategy, plan.reason) == (strategy, reason)
    assert plan.write == (WriteMode.REPLACE_RANGE if strategy == "full_table" else WriteMode.UPSERT)
    assert (plan.where is None) == (strategy == "full_table")
    assert plan.force_full_applied == at.force


def test_a_table_without_a_key_is_rewritten() -> None:
    config = entry(primary_key=[], extraction_strategy="full_table", incremental_columns=[])
    plan = plan_copy(config, KEYLESS, COPIED, PLAIN)
    assert plan is not None and plan.write is WriteMode.REPLACE_TABLE


OLDER = replace(KEYED, updated_at=datetime.fromisoformat("2026-02-28 01:59:57"))


def test_a_myisam_table_that_is_older_than_its_last_reading_needs_no_pass() -> None:
    assert plan_copy(entry(), OLDER, COPIED, PLAIN) is None


@pytest.mark.parametrize(
    ("table", "state", "at"),
    [
        (replace(OLDER, engine="InnoDB"), COPIED, PLAIN),
        (replace(OLDER, updated_at=None), COPIED, PLAIN),
        (
            replace(OLDER, updated_at=datetime.fromisoformat("2026-02-28 01:59:59")),
            replace(COPIED, updated_at="2026-02-28 01:59:59"),
            PLAIN,
        ),
        # a backup's file, with its old time
        (replace(OLDER, updated_at=datetime.fromisoformat("2026-01-28 01:00:00")), COPIED, PLAIN),
        (OLDER, replace(COPIED, in_progress=FULL_PASS), PLAIN),
        (OLDER, replace(COPIED, completed_at=days_ago(31)), PLAIN),
        (OLDER, COPIED, replace(PLAIN, force=True)),
        (OLDER, COPIED, replace(PLAIN, target_has_rows=False)),
        (OLDER, COPIED, replace(PLAIN, target_rows=4)),
        (OLDER, COPIED, replace(PLAIN, target_rows=6)),
        (OLDER, replace(COPIED, columns=COLUMNS[1:]), PLAIN),
        (OLDER, replace(COPIED, created_at=None), PLAIN),
    ],
)
def test_any_doubt_makes_a_pass(table: Table, state: TableState, at: PlanContext) -> None:
    assert plan_copy(entry(), table, state, at) is not None


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (entry(), []),
        (entry(primary_key=["Nowhere"]), ["its key is Nowhere in tables.yml, and VisitNum at"]),
        (entry(primary_key=["VisitNum", "Note"]), ["its key is VisitNum, Note in tables.yml"]),
        (entry(incremental_columns=["Nowhere"]), ["incremental_columns in tables.yml names Now"]),
        (entry(columns={"note": {"data_type": "text"}}), ["columns in tables.yml names note"]),
        (entry(lookback={"days": 3, "columns": ["Nowhere"]}), ["lookback in tables.yml names"]),
    ],
)
def test_names_that_the_source_does_not_have_are_told(config: TableConfig, told: list[str]) -> None:
    disagreements = check_contract(config, KEYED)
    assert len(disagreements) == len(told)
    assert all(text in said for text, said in zip(told, disagreements, strict=True))


@pytest.mark.parametrize("hint", [{"exclude": True}, {"hash": True}])
@pytest.mark.parametrize("name", ["note", "VisitNum"])
def test_a_hidden_column_that_is_unknown_or_in_the_key_is_an_error(
    name: str, hint: dict[str, bool]
) -> None:
    config = entry(primary_key=["Edited"], columns={name: hint})
    with pytest.raises(SchemaError, match="hides columns"):
        check_contract(config, KEYED)


@pytest.mark.parametrize(
    "table",
    [
        replace(KEYED, name="etl_tombstones"),
        replace(KEYED, name="_dlt_loads"),
        replace(KEYED, columns=(*KEYED.columns, column("_Replicated_At", "int"))),
    ],
)
def test_names_that_the_pipeline_needs_itself_are_an_error(table: Table) -> None:
    with pytest.raises(SchemaError):
        check_contract(entry(), table)


def test_an_unfinished_pass_of_the_same_kind_goes_on() -> None:
    plan = plan_copy(CHUNKED, KEYED, TableState(in_progress=FULL_PASS), PLAIN)
    assert plan is not None and plan.checkpoint == FULL_PASS
    anew = plan_copy(CHUNKED, KEYED, TableState(in_progress=FULL_PASS), replace(PLAIN, force=True))
    assert anew is not None and anew.checkpoint.last_key is None


LOADED = TableState(
    columns=COLUMNS,
    created_at="2026-01-01 01:00:00",
    watermarks={REPLICATED_AT: "2026-02-28 02:00:00.000001"},
    completed_at=days_ago(1),
    read_at="2026-02-28 02:00:00",
)


@pytest.mark.parametrize(
    ("state", "at", "strategy", "reason"),
    [
        (LOADED, PLAIN, "incremental", "replication changed since the last load"),
        (LOADED, replace(PLAIN, force=True), "full_table", "a full load was asked for"),
        (TableState(), PLAIN, "full_table", "it was never loaded"),
        (TableState(in_progress=FULL_PASS), PLAIN, "full_table", "its first load was interrupted"),
        (
            replace(LOADED, columns=COLUMNS[:3]),
            PLAIN,
            "full_table",
            "its columns Note are new",
        ),
        (
            LOADED,
            replace(PLAIN, rebuilt=True),
            "full_table",
            "its copy in replication was made anew",
        ),
        (
            LOADED,
            replace(PLAIN, target_has_rows=False, changed=False),
            "full_table",
            "raw has no rows of it",
        ),
        (
            LOADED,
            replace(PLAIN, replica_rolled_back=True, changed=False),
            "full_table",
            "replication is older than what was loaded, as after a restored backup",
        ),
        (replace(LOADED, watermarks={}), PLAIN, "full_table", "raw was empty until now"),
    ],
)
def test_a_load_is_planned_for_a_reason(
    state: TableState, at: PlanContext, strategy: str, reason: str
) -> None:
    plan = plan_load(entry(), KEYED, state, at)
    assert plan is not None
    assert (plan.strategy, plan.reason) == (strategy, reason)
    assert plan.write == (WriteMode.REPLACE_RANGE if strategy == "full_table" else WriteMode.UPSERT)
    assert plan.cursors == (REPLICATED_AT,)


def test_a_table_that_gets_another_shape_is_loaded_in_one_slice() -> None:
    shape = PendingAlter(
        ("ALTER COLUMN x TYPE text USING NULL",), "its columns x have another type"
    )
    plan = plan_load(CHUNKED, KEYED, LOADED, replace(PLAIN, pending_alter=shape, changed=False))
    assert plan is not None
    assert (plan.write, plan.slice_limits) == (WriteMode.REPLACE_TABLE, None)
    assert (plan.pending_alter, plan.reason) == (shape, "its columns x have another type")


def test_a_table_without_a_key_is_loaded_in_full_when_it_changed() -> None:
    config = entry(primary_key=[], extraction_strategy="full_table", incremental_columns=[])
    plan = plan_load(config, KEYLESS, LOADED, PLAIN)
    assert plan is not None
    assert (plan.write, plan.reason) == (WriteMode.REPLACE_TABLE, "it has no primary key")


@pytest.mark.parametrize(
    "at", [PLAIN, replace(PLAIN, target_has_rows=False, source_has_rows=False)]
)
def test_nothing_is_loaded_where_replication_did_not_change(at: PlanContext) -> None:
    assert plan_load(entry(), KEYED, LOADED, replace(at, changed=False)) is None


def test_what_looks_like_a_comment_among_the_values_of_an_enum_is_a_value() -> None:
    one, other = (column("Kind", f"enum('a{end}')") for end in ("", " /* b */"))
    assert one.identity != other.identity
    assert column("Kind", "int(11)").identity == column("Kind", "int").identity


def test_a_state_that_an_earlier_version_stored_is_read() -> None:
    begun = {
        "strategy": "full_table",
        "started_at": "2026-01-01 00:00:00",
        "started_utc": "2026-01-01 00:00:00",
        "after": ["7"],
        "high": {"Edited": "2025-12-31 00:00:00"},
    }
    stored = {
        "watermarks": {"Edited": "2025-12-31 00:00:00"},
        "unfinished": begun,
        "proving": {**begun, "strategy": "reconcile_rows"},
        "rows_proved_at": "2025-12-30 00:00:00",
        "keys_proved_at": "2025-12-31 00:00:00",
    }
    state = TableState.read(stored)
    assert state.in_progress is not None and state.compare_in_progress is not None
    assert state.in_progress.last_key == ("7",)
    assert state.in_progress.max_cursor_values == {"Edited": "2025-12-31 00:00:00"}
    assert state.compare_in_progress.strategy == "reconcile_rows"
    assert (state.rows_verified_at, state.keys_verified_at) == (
        "2025-12-30 00:00:00",
        "2025-12-31 00:00:00",
    )
    written: dict[str, Any] = {}
    state.write(written)
    assert TableState.read(written) == state


def test_a_state_is_stored_without_what_there_is_nothing_to_say_of() -> None:
    written: dict[str, Any] = {"unfinished": None, "rows_proved_at": "2025-12-30 00:00:00"}
    TableState(watermarks={"Edited": 7}).write(written)
    assert written == {"watermarks": {"Edited": 7}}
