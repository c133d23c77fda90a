"""tables.yml: what it may say, where a fault is, which tables a run takes, how it is written."""

from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pydantic
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opendental_pipeline.settings.choices import Category, Priority
from opendental_pipeline.settings.data_type import DataType
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.table_config import (
    ColumnHint,
    Deletes,
    ExtractionStrategy,
    Frequency,
    IncrementalStrategy,
    Lookback,
    Monitoring,
    Reconcile,
    TableConfig,
)
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from tests.conftest import tables_text, write_tables

INCREMENTAL = {
    "primary_key": "PatNum",
    "extraction_strategy": "incremental",
    "incremental_columns": ["DateTStamp"],
}


def entry(**fields: Any) -> TableConfig:
    return TableConfig.model_validate(
        {"table_name": "patient", "extraction_strategy": "full_table"} | fields
    )


def load(directory: Path, text: str) -> TablesFile:
    path = directory / "tables.yml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_tables(path)


def faults(directory: Path, text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        load(directory, text)
    return str(caught.value).splitlines()


class TestAnEntry:
    def test_needs_little(self, tmp_path: Path) -> None:
        file = load(
            tmp_path,
            """\
            tables:
              patient:
                extraction_strategy: full_table
            """,
        )
        patient = file.table("patient")
        assert (patient.table_name, patient.primary_key, patient.cursor_columns) == (
            "patient",
            None,
            (),
        )
        assert (patient.batch_size, patient.time_gap_threshold_days) == (50_000, 30)
        assert patient.enabled and patient.monitoring.alert_on_failure

    @pytest.mark.parametrize(
        ("written", "key"),
        [(None, ()), ("PatNum", ("PatNum",)), (["ClaimNum", "ProcNum"], ("ClaimNum", "ProcNum"))],
    )
    def test_has_a_key_of_any_length(self, written: object, key: tuple[str, ...]) -> None:
        assert entry(primary_key=written).primary_key == key

    def test_follows_its_first_column_unless_told_otherwise(self) -> None:
        columns = {"incremental_columns": ["SecDateTEdit", "DateTStamp"]}
        assert entry(**INCREMENTAL | columns).cursor_columns == ("SecDateTEdit",)
        told = INCREMENTAL | columns | {"primary_incremental_column": "DateTStamp"}
        assert entry(**told).cursor_columns == ("DateTStamp",)

    @pytest.mark.parametrize("logic", ["or_logic", "and_logic"])
    def test_looks_at_all_its_columns_when_they_are_combined(self, logic: str) -> None:
        columns = ["SecDateTEdit", "DateTStamp"]
        combined = INCREMENTAL | {"incremental_columns": columns, "incremental_strategy": logic}
        assert entry(**combined).cursor_columns == tuple(columns)

    def test_may_know_columns_that_a_full_table_does_not_use(self) -> None:
        assert entry(incremental_columns=["DateTStamp"]).cursor_columns == ()

    @pytest.mark.parametrize("written", ["2026-07-01", "2026-07-01T02:30:00", "'2026-07-01'"])
    def test_keeps_a_date_as_iso_text(self, written: str, tmp_path: Path) -> None:
        text = (
            "tables: {patient: {extraction_strategy: full_table, last_analyzed: " + (written) + "}}"
        )
        assert load(tmp_path, text).table("patient").last_analyzed == written.strip("'")

    @pytest.mark.parametrize(
        ("wrong", "field", "problem"),
        [
            ({"primary_key": None}, "extraction_strategy", "must be full_table"),
            ({"incremental_columns": []}, "incremental_columns", "must name a column"),
            (
                {"primary_incremental_column": "DateTime"},
                "primary_incremental_column",
                "must be one of incremental_columns",
            ),
            ({"incremental_strategy": "or_logic"}, "incremental_strategy", "single_column"),
            ({"incremental_strategy": "and_logic"}, "incremental_strategy", "single_column"),
            ({"batch_size": 0}, "batch_size", "greater than or equal to 1"),
            ({"batch_size": 1_000_001}, "batch_size", "less than or equal to 1000000"),
            ({"batch_size": True}, "batch_size", "integer"),
            ({"batch_size": "50000"}, "batch_size", "integer"),
            ({"time_gap_threshold_days": 0}, "time_gap_threshold_days", "greater than 0"),
            ({"estimated_rows": -1}, "estimated_rows", "greater than or equal to 0"),
            ({"estimated_size_mb": float("nan")}, "estimated_size_mb", "finite"),
            ({"performance_category": "huge"}, "performance_category", "'large'"),
            ({"processing_priority": "urgent"}, "processing_priority", "'high'"),
            ({"last_analyzed": "yesterday"}, "last_analyzed", "ISO"),
            ({"primary_key": ["A", "A"]}, "primary_key", "each column once"),
            ({"primary_key": [""]}, "primary_key.0", "at least 1"),
            ({"enabled": "no"}, "enabled", "boolean"),
            ({"columns": {"A": {"data_type": "varchar"}}}, "columns.A.data_type", "'text'"),
            ({"columns": {"A": {"hash": True, "exclude": True}}}, "columns.A", "must be one of"),
            ({"columns": {"PatNum": {"hash": True}}}, "columns", "found by their key"),
            ({"columns": {"DateTStamp": {"exclude": True}}}, "columns", "found by their key"),
            ({"lookback": {"days": 0, "columns": ["A"]}}, "lookback.days", "greater than 0"),
            ({"lookback": {"days": 1, "columns": []}}, "lookback.columns", "at least 1"),
            ({"reconcile": {"rows": "daily"}}, "reconcile.rows", "'nightly'"),
            ({"reconcile": {"deletes": True}}, "reconcile.deletes", "'off'"),
            ({"deletes": "keep"}, "deletes", "'mark'"),
            ({"monitoring": {"alert_on_failure": 1}}, "monitoring.alert_on_failure", "boolean"),
        ],
    )
    def test_is_refused_at_the_field_that_is_wrong(
        self, wrong: dict[str, Any], field: str, problem: str
    ) -> None:
        with pytest.raises(pydantic.ValidationError) as caught:
            entry(**INCREMENTAL | wrong)
        [error] = caught.value.errors()
        assert ".".join(map(str, error["loc"])) == field
        assert problem in error["msg"]

    def test_does_not_change(self) -> None:
        with pytest.raises(pydantic.ValidationError):
            entry().batch_size = 1  # type: ignore[misc]


class TestAFault:
    def test_is_told_with_its_line(self, tmp_path: Path) -> None:
        text = """\
            tables:
              appointment:
                extraction_strategy: full_table
              patient:
                extraction_strategy: full_table

                batch_size: many  # rows
            """
        assert faults(tmp_path, text) == [
            "tables.yml:7: table patient, batch_size: must be a valid integer"
        ]

    def test_is_told_together_with_all_others(self, tmp_path: Path) -> None:
        text = """\
            metadata: [of, no, use]
            tables:
              appointment:
                extraction_strategy: incremental
                primary_key: AptNum
                incremental_columns: [DateTStamp, DateTStamp]
              patient:
                table_name: patients
                batchsize: 5
                columns:
                  Priority:
                    data_type: boolean
              claim:
                extraction_strategy: incremental
                incremental_columns:
                  - 5
                primary_key: null
                monitoring: {alert_on_failures: true}
            tabels: {}
            """
        lines = faults(tmp_path, text)
        assert [line.split(": ")[:3] for line in lines] == [
            ["tables.yml:1", "metadata", "must be a mapping of names to values"],
            [
                "tables.yml:6",
                "table appointment, incremental_columns",
                "must name each column once",
            ],
            ["tables.yml:7", "table patient, extraction_strategy", "is missing"],
            [
                "tables.yml:8",
                "table patient, table_name",
                "must be patient, the name the entry stands under",
            ],
            [
                "tables.yml:9",
                "table patient, batchsize",
                "is not known (did you mean batch_size?)",
            ],
            [
                "tables.yml:12",
                "table patient, columns.Priority.data_type",
                "must be 'bool', 'smallint', 'integer', 'bigint', 'numeric', 'double', 'text', "
                "'date', 'timestamp', 'time', 'interval', 'json' or 'binary'",
            ],
            ["tables.yml:14", "table claim, extraction_strategy", "must be full_table"],
            ["tables.yml:16", "table claim, incremental_columns.0", "must be a valid string"],
            [
                "tables.yml:18",
                "table claim, monitoring.alert_on_failures",
                "is not known (did you mean alert_on_failure?)",
            ],
            ["tables.yml:19", "tabels", "is not known (did you mean tables?)"],
        ]

    def test_may_be_a_table_or_a_field_given_twice(self, tmp_path: Path) -> None:
        text = """\
            tables:
              patient:
                extraction_strategy: full_table
                batch_size: 5
                extraction_strategy: full_table
              patient: {extraction_strategy: full_table}
            """
        assert faults(tmp_path, text) == [
            "tables.yml:5: table patient, extraction_strategy: is given twice, first in line 3",
            "tables.yml:6: table patient: is given twice, first in line 2",
        ]

    def test_may_be_a_name_that_yaml_takes_for_something_else(self, tmp_path: Path) -> None:
        text = """\
            tables:
              1099:
                extraction_strategy: full_table
              account:
                extraction_strategy: full_table
                primary_key: No
            """
        assert faults(tmp_path, text) == [
            "tables.yml:2: table 1099: must be text: put the name in quotes",
            "tables.yml:6: table account, primary_key: must be a list",
        ]

    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ("tables:\n  patient: {batch_size: 5\n", 3, "flow mapping"),
            ("tables:\n\tpatient:\n", 2, "tab"),
            ("tables:\n  patient: *defaults\n", 2, "undefined alias"),
            ("tables: {}\n---\ntables: {}\n", 2, "single document"),
            ("tables:\n  patient:\n    last_analyzed: 2026-02-30\n", 3, "2026-02-30"),
            ("tables:\n  patient: !!python/name:os.system\n", 2, "tag"),
            ("metadata:\n  ? [a, b]\n  : 1\n", 2, "unhashable"),
            ("tables:\n\n  patient: \x07\n", 3, "control characters"),
        ],
    )
    def test_of_the_yaml_itself_has_a_line_too(
        self, text: str, line: int, problem: str, tmp_path: Path
    ) -> None:
        [fault] = faults(tmp_path, text)
        assert fault.startswith(f"tables.yml:{line}: ")
        assert problem in fault

    @pytest.mark.parametrize("text", ["5", "[tables]", "tables: [patient]", "tables:"])
    def test_may_be_the_shape_of_the_whole(self, text: str, tmp_path: Path) -> None:
        [fault] = faults(tmp_path, text)
        assert fault.startswith("tables.yml:1: ")
        assert fault.endswith("must be a mapping of names to values")

    def test_may_be_that_there_is_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "tables.yml"
        with pytest.raises(ValidationError, match="does not exist; make one") as caught:
            load_tables(path)
        assert f"python pipelines/analyze.py --output {path}" in str(caught.value)

    @pytest.mark.parametrize("content", [b"", b"# nothing yet\n"])
    def test_may_be_that_the_file_is_empty(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "tables.yml"
        path.write_bytes(content)
        with pytest.raises(ValidationError, match="is empty; make one"):
            load_tables(path)

    def test_may_be_that_the_file_is_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "tables.yml"
        path.write_bytes(b"tables: \xff")
        with pytest.raises(ValidationError, match="text file in UTF-8"):
            load_tables(path)

    def test_in_an_alias_of_itself_is_refused(self, tmp_path: Path) -> None:
        for fault in faults(tmp_path, "tables: &tables\n  patient: *tables\n"):
            assert fault.startswith("tables.yml:2: table patient")


class TestReading:
    def test_knows_yaml_anchors_and_merges(self, tmp_path: Path) -> None:
        file = load(
            tmp_path,
            """\
            metadata:
              lookup: &lookup {extraction_strategy: full_table, batch_size: 100}
            tables:
              definition: *lookup
              preference: {<<: *lookup, batch_size: 200}
              userod: *lookup
            """,
        )
        assert file.names() == ("definition", "preference", "userod")
        assert [file.table(name).batch_size for name in file.names()] == [100, 200, 100]


def tables_file(*entries: dict[str, Any]) -> TablesFile:
    tables = [entry(**fields) for fields in entries]
    return TablesFile(tables={table.table_name: table for table in tables})


class TestChoosing:
    FILE = tables_file(
        {"table_name": "zipcode", "estimated_rows": 10},
        {"table_name": "patient", "processing_priority": "high", "estimated_rows": 5},
        {"table_name": "claim", "estimated_rows": 900, "performance_category": "large"},
        {"table_name": "appointment", "estimated_rows": 10},
        {"table_name": "signalod", "processing_priority": "low", "estimated_rows": 999},
        {"table_name": "tmpdocument", "enabled": False, "performance_category": "large"},
    )

    def chosen(self, **how: Any) -> list[str]:
        return [table.table_name for table in self.FILE.select(**how)]

    def test_takes_enabled_tables_by_priority_then_size_then_name(self) -> None:
        assert self.chosen() == ["patient", "claim", "appointment", "zipcode", "signalod"]

    def test_takes_a_category(self) -> None:
        assert self.chosen(categories=["large"]) == ["claim"]
        assert self.chosen(categories=["small"]) == []

    def test_takes_named_tables_once_and_in_the_order_of_a_run(self) -> None:
        assert self.chosen(names=["zipcode", "patient", "zipcode"]) == ["patient", "zipcode"]

    def test_takes_a_disabled_table_when_it_is_named(self) -> None:
        assert self.chosen(names=["tmpdocument"]) == ["tmpdocument"]

    def test_takes_named_tables_and_categories_together(self) -> None:
        assert self.chosen(names=["zipcode"], categories=["large"]) == ["claim", "zipcode"]

    def test_names_everything_unknown_and_what_is_similar(self) -> None:
        with pytest.raises(ValidationError) as caught:
            self.FILE.select(names=["Patients", "claim", "xyz"], categories=["larg"])
        assert str(caught.value) == (
            "tables.yml has no table Patients (did you mean patient?), no table xyz, "
            "no category larg (did you mean large?)"
        )

    def test_finds_a_table_by_name(self) -> None:
        assert self.FILE.table("claim").estimated_rows == 900
        assert self.FILE.names()[:2] == ("zipcode", "patient")
        with pytest.raises(ValidationError, match=r"no table claims \(did you mean claim\?\)"):
            self.FILE.table("claims")

    def test_does_not_take_a_table_under_another_name(self) -> None:
        with pytest.raises(pydantic.ValidationError, match="must have table patient under"):
            TablesFile(tables={"claim": entry()})


unhurried = settings(deadline=None)  # a busy machine is no fault of the code
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
counts = st.integers(0, 2**63)
amounts = st.floats(0, allow_infinity=False)
flags = st.booleans()
texts = st.text(st.characters(exclude_categories=["Cs"]))
hints = st.one_of(
    st.builds(ColumnHint, exclude=flags),
    st.builds(ColumnHint, hash=flags),
    st.builds(ColumnHint, data_type=st.sampled_from(DataType)),
)
reconciles = st.builds(
    Reconcile, deletes=st.sampled_from(Frequency), rows=st.sampled_from(Frequency), brake=flags
)


@st.composite
def entries(
    draw: st.DrawFn,
    name: str,
    names: st.SearchStrategy[str] = names,
    amounts: st.SearchStrategy[float] = amounts,
) -> TableConfig:
    """Any entry that the contract allows."""
    texts = names | st.just("")
    key = draw(st.lists(names, unique=True, max_size=3))
    cursors = draw(st.lists(names, unique=True, max_size=3))
    recent = draw(st.lists(names, unique=True, max_size=3))
    strategies = list(ExtractionStrategy) if key and cursors else [ExtractionStrategy.FULL_TABLE]
    logics = list(IncrementalStrategy) if len(cursors) > 1 else [IncrementalStrategy.SINGLE_COLUMN]
    return TableConfig(
        table_name=name,
        primary_key=key,
        extraction_strategy=draw(st.sampled_from(strategies)),
        incremental_columns=cursors,
        primary_incremental_column=draw(st.sampled_from([None, *cursors])),
        incremental_strategy=draw(st.sampled_from(logics)),
        batch_size=draw(st.integers(1, 1_000_000)),
        performance_category=draw(st.sampled_from(Category)),
        processing_priority=draw(st.sampled_from(Priority)),
        time_gap_threshold_days=draw(st.integers(1)),
        estimated_rows=draw(counts),
        estimated_size_mb=draw(amounts),
        estimated_processing_time_minutes=draw(amounts),
        memory_requirements_mb=draw(amounts),
        monitoring=Monitoring(
            alert_on_failure=draw(flags),
            alert_on_slow_extraction=draw(flags),
            performance_threshold_records_per_second=draw(st.none() | amounts),
            memory_alert_threshold_mb=draw(st.none() | amounts),
        ),
        schema_hash=draw(st.none() | texts),
        last_analyzed=draw(st.none() | st.datetimes() | st.dates()),
        is_modeled=draw(flags),
        dbt_model_types=draw(st.lists(texts, max_size=3)),
        columns=draw(
            st.dictionaries(names.filter(lambda n: n not in {*key, *cursors}), hints, max_size=3)
        ),
        lookback=Lookback(days=draw(st.integers(1)), columns=recent) if recent else None,
        reconcile=draw(reconciles),
        deletes=draw(st.sampled_from(Deletes if key else [Deletes.REMOVE])),
        enabled=draw(flags),
    )


metadata = st.dictionaries(
    texts,
    st.recursive(
        st.none() | flags | st.integers() | st.floats(allow_nan=False) | texts | st.datetimes(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


@st.composite
def files(draw: st.DrawFn) -> TablesFile:
    tables = draw(st.lists(names, unique=True, max_size=3))
    return TablesFile(
        metadata=draw(metadata), tables={name: draw(entries(name)) for name in tables}
    )


class TestWriting:
    @unhurried
    @given(file=files())
    @example(file=tables_file({"table_name": "null", "primary_key": "yes"}, {"table_name": "<<"}))
    @example(file=TablesFile(metadata={"\x85": None, "on": 1e16}, tables={}))
    @example(file=tables_file({"table_name": "marks", "primary_key": [":0", "?0"]}))
    def test_is_undone_by_reading(
        self, file: TablesFile, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "tables.yml"
        write_tables(file, path)
        assert load_tables(path) == file

    @unhurried
    @given(file=files())
    def test_is_stable(self, file: TablesFile) -> None:
        backwards = TablesFile(
            metadata=file.metadata, tables=dict(reversed(list(file.tables.items())))
        )
        assert tables_text(backwards) == tables_text(file)

    def test_shows_what_a_person_wants_to_see(self) -> None:
        file = TablesFile(
            metadata={"generated_at": datetime(2026, 7, 1, 2, 30)},
            tables={
                "procedurelog": entry(
                    table_name="procedurelog",
                    primary_key="ProcNum",
                    extraction_strategy="incremental",
                    incremental_columns=["DateTStamp"],
                    estimated_rows=1_200_000,
                    performance_category="large",
                    processing_priority="high",
                    columns={"Priority": {"data_type": "bool"}},
                ),
                "claimform": entry(table_name="claimform", reconcile={"rows": "nightly"}),
            },
        )
        assert tables_text(file) == dedent(
            """\
            metadata:
              generated_at: 2026-07-01 02:30:00
            defaults:  # hold for every table that does not say otherwise
              extraction_strategy: full_table  # no column moves with every edit
              batch_size: 50000
              performance_category: tiny
              processing_priority: medium
              reconcile: {rows: nightly}
            tables:
              claimform: {}
              procedurelog:
                extraction_strategy: incremental
                incremental_columns: [DateTStamp]
                performance_category: large
                processing_priority: high
                reconcile: {rows: weekly}
                columns:
                  Priority: {data_type: bool}
            """
        )

    def test_is_plain_yaml(self) -> None:
        text = tables_text(tables_file({"incremental_columns": ["A", "B"]}))
        assert yaml.safe_load(text)["tables"]["patient"]["incremental_columns"] == ["A", "B"]
