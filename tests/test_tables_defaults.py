"""Defaults of tables.yml, what lies beside it, and how an analysis writes both again."""

import io
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap

from opendental_pipeline.analysis.snapshot import Comments, Snapshot, TableSnapshot
from opendental_pipeline.analysis.writing import _yaml, write
from opendental_pipeline.settings.choices import Category, Priority
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.observations import Observations, analysis_path
from opendental_pipeline.settings.table_config import Deletes, Frequency, TableConfig
from opendental_pipeline.settings.tables_file import TablesFile, parse_tables
from tests.conftest import draft
from tests.test_tables_yml import entries, faults, flags, load, names, unhurried

FULL = {"extraction_strategy": "full_table"}

values: dict[str, st.SearchStrategy[Any]] = {
    "extraction_strategy": st.sampled_from(["full_table", "incremental"]),
    "backend": st.sampled_from(["wire", "connectorx"]),
    "batch_size": st.integers(1, 1_000_000),
    "performance_category": st.sampled_from([*map(str, Category)]),
    "processing_priority": st.sampled_from([*map(str, Priority)]),
    "time_gap_threshold_days": st.integers(1, 99),
    "monitoring": st.fixed_dictionaries(
        {}, optional={"alert_on_failure": flags, "memory_alert_threshold_mb": st.integers(0, 999)}
    ),
    "reconcile": st.fixed_dictionaries(
        {},
        optional={
            "rows": st.sampled_from([*map(str, Frequency)]),
            "deletes": st.sampled_from([*map(str, Frequency)]),
            "brake": flags,
        },
    ),
    "deletes": st.sampled_from([*map(str, Deletes)]),
    "enabled": flags,
}
"""What may stand in the defaults."""

BLOCKS = ("monitoring", "reconcile")

some_fields = st.fixed_dictionaries({}, optional=values)


def plainly(defaults: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry over the defaults, by a rule of its own."""
    fields = {name: entry.get(name, defaults.get(name)) for name in {*defaults, *entry}}
    for name in BLOCKS:
        if name in defaults and name in entry:
            fields[name] = {**defaults[name], **entry[name]}
    return fields


class TestDefaults:
    def test_hold_for_every_table_that_does_not_say_otherwise(self, tmp_path: Path) -> None:
        file = load(
            tmp_path,
            """\
            defaults:
              extraction_strategy: full_table
              batch_size: 500
              reconcile: {rows: nightly, brake: false}
            tables:
              claim: {}
              patient: {batch_size: 7, reconcile: {rows: off}}
            """,
        )
        claim, patient = file.table("claim"), file.table("patient")
        assert (claim.batch_size, patient.batch_size) == (500, 7)
        assert (claim.reconcile.rows, patient.reconcile.rows) == (Frequency.NIGHTLY, Frequency.OFF)
        assert not patient.reconcile.brake

    @unhurried
    @given(defaults=some_fields, tables=st.dictionaries(names, some_fields, max_size=3))
    def test_and_entries_mean_what_a_plain_model_says(
        self, defaults: dict[str, Any], tables: dict[str, dict[str, Any]]
    ) -> None:
        assume("incremental" not in str([defaults, tables]))
        given_ = {"extraction_strategy": "full_table", **defaults}
        text = yaml.safe_dump({"defaults": given_, "tables": tables})
        assert parse_tables(text, Path("tables.yml"), {}) == TablesFile(
            tables={
                name: TableConfig.model_validate({"table_name": name, **plainly(given_, entry)})
                for name, entry in tables.items()
            }
        )

    def test_that_are_wrong_are_told_once(self, tmp_path: Path) -> None:
        text = """\
            defaults:
              extraction_strategy: full
              batch_size: many
              batchsize: 5
              reconcile: {rows: daily, break: true}
              primary_key: PatNum
            tables:
              claim: {}
              patient: {}
            """
        assert faults(tmp_path, text) == [
            "tables.yml:2: defaults.extraction_strategy: must be 'full_table', 'incremental' or"
            " 'incremental_chunked'",
            "tables.yml:3: defaults.batch_size: must be a valid integer",
            "tables.yml:4: defaults.batchsize: is not known (did you mean batch_size?)",
            "tables.yml:5: defaults.reconcile.rows: must be 'nightly', 'weekly' or 'off'",
            "tables.yml:5: defaults.reconcile.break: is not known (did you mean brake?)",
            "tables.yml:6: defaults.primary_key: is different in every table: say it in their"
            " entries",
        ]

    def test_that_do_not_suit_a_table_are_told_with_both_lines(self, tmp_path: Path) -> None:
        text = """\
            defaults:
              extraction_strategy: full_table
              deletes: mark
            tables:
              claim: {}
              link: {primary_key: null}
            """
        assert faults(tmp_path, text) == [
            "tables.yml:6: table link, deletes: must be remove: without a primary_key no row can"
            " be told from others (by default, line 3)"
        ]

    @pytest.mark.parametrize("written", ["5", "[batch_size]"])
    def test_are_a_mapping(self, written: str, tmp_path: Path) -> None:
        text = f"defaults: {written}\ntables: {{claim: {{}}, patient: {{}}}}\n"
        assert faults(tmp_path, text) == [
            "tables.yml:1: defaults: must be a mapping of names to values"
        ]

    def test_may_say_nothing(self, tmp_path: Path) -> None:
        text = "defaults:\ntables: {claim: {extraction_strategy: full_table}}\n"
        assert load(tmp_path, text).table("claim").batch_size == 50_000


class TestObservations:
    TEXT = "tables: {patient: {extraction_strategy: incremental, incremental_columns: [Edited]}}\n"

    def beside(self, tmp_path: Path, **observed: Any) -> None:
        path = analysis_path(tmp_path / "tables.yml")
        path.write_text(json.dumps({"tables": {"patient": {"observed": observed}}}))

    def test_lie_beside_the_file(self, tmp_path: Path) -> None:
        self.beside(tmp_path, primary_key=["PatNum"], estimated_rows=9, schema_hash="f00d")
        patient = load(tmp_path, self.TEXT).table("patient")
        assert (patient.primary_key, patient.estimated_rows) == (("PatNum",), 9)
        assert patient.schema_hash == "f00d"

    def test_of_the_entry_itself_are_believed(self, tmp_path: Path) -> None:
        self.beside(tmp_path, primary_key=["PatNum"], estimated_rows=9)
        text = self.TEXT.replace("{patient: {", "{patient: {primary_key: [A, B], ")
        patient = load(tmp_path, text).table("patient")
        assert (patient.primary_key, patient.estimated_rows) == (("A", "B"), 9)

    def test_say_whether_there_is_a_key(self, tmp_path: Path) -> None:
        self.beside(tmp_path, primary_key=[])
        [fault] = faults(tmp_path, self.TEXT)
        assert fault == (
            "tables.yml:1: table patient, extraction_strategy: must be full_table: without a"
            " primary_key no row can be replaced"
        )

    def test_are_done_without_where_there_are_none(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert load(tmp_path, self.TEXT).table("patient").primary_key is None
        assert caplog.messages == []

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[]", b"\xff", b'{"tables": {"patient": {"observed": {"x": 1}}}}']
    )
    def test_that_cannot_be_read_are_told_and_done_without(
        self, content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = analysis_path(tmp_path / "tables.yml")
        path.write_bytes(content)
        with caplog.at_level(logging.WARNING):
            assert load(tmp_path, self.TEXT).table("patient").primary_key is None
        assert caplog.messages == [
            f"{path} cannot be read, so sizes, keys and schema drift of the tables are not known;"
            " restore it, or delete it and run pipelines/analyze.py"
        ]


REASON = "as the version before said"


def as_before(file: TablesFile) -> tuple[str, Snapshot]:
    """A file as the version before wrote it, and what it remembered: every field in every entry."""
    lines, tables = ["metadata: {total_tables: 9}", "tables:"], {}
    for name, config in file.tables.items():
        fields = _as_before(config)
        lines.append(f"  {in_yaml(name)}:")
        for field, value in fields.items():
            if field == "columns":
                lines += ["    columns:"]
                lines += [f"      {in_yaml(k)}: {in_yaml(v)}" for k, v in value.items()]
            else:
                reason = f"  # {REASON}" if field == "extraction_strategy" else ""
                lines.append(f"    {field}: {in_yaml(value)}{reason}")
        comments = Comments(fields={"extraction_strategy": REASON})
        tables[name] = TableSnapshot(chosen=fields, comments=comments)
    return "\n".join([*lines, ""]), Snapshot(tables=tables)


def in_yaml(value: object) -> str:
    """A value in one line."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).splitlines()[0]


def _as_before(config: TableConfig) -> dict[str, Any]:
    always = ("primary_key", "extraction_strategy", "batch_size", "performance_category")
    every = config.model_dump(mode="json", exclude={"table_name"})
    changed = config.model_dump(mode="json", exclude={"table_name"}, exclude_defaults=True)
    order = sorted(every, key=lambda name: name != "primary_key")
    fields = {name: changed.get(name, every[name]) for name in order if name in {*changed, *always}}
    if config.incremental_columns[:1] == (config.primary_incremental_column,):
        del fields["primary_incremental_column"]
    return fields


def decided(file: TablesFile) -> dict[str, dict[str, Any]]:
    """The fields of all tables but for what was only seen."""
    seen = {*Observations.model_fields}
    return {name: config.model_dump(exclude=seen) for name, config in file.tables.items()}


def parsed(text: str, analysis: Snapshot) -> TablesFile:
    """The file that a text and its analysis make."""
    observed = {name: table.observed for name, table in analysis.tables.items()}
    return parse_tables(text, Path("tables.yml"), observed)


@st.composite
def practices(draw: st.DrawFn) -> TablesFile:
    """A few tables whose keys are known, as an analysis knows them."""
    some = draw(
        st.lists(st.sampled_from(["claim", "patient", "visit", "on"]), min_size=1, unique=True)
    )
    usual = {"primary_key": "PatNum", "reconcile": {"rows": "nightly"}} | FULL
    plain = {name: TableConfig.model_validate({"table_name": name, **usual}) for name in some}
    return TablesFile(
        tables={
            name: plain[name] if draw(flags) else draw(entries(name, columns, amounts))
            for name in some
        }
    )


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[int, str, Any]]:
    """Which entry, which field, what it shall be: None for gone; entry 0 are the defaults."""
    fields = st.sampled_from([*values])
    return [
        (draw(st.integers(0, 4)), name, draw(st.none() | values[name]))
        for name in draw(st.lists(fields, max_size=5))
    ]


def edited(text: str, changes: list[tuple[int, str, Any]]) -> str:
    """The text with some fields replaced, added or gone."""
    document = _yaml().load(text)
    places = [document.get("defaults", CommentedMap()), *document["tables"].values()]
    for number, field, value in changes:
        if number < len(places):
            place = places[number]
            if value is None:
                place.pop(field, None)
                place.ca.items.pop(field, None)
            else:
                place[field] = value
                if place.fa.flow_style():
                    place.fa.set_block_style()
    made = io.StringIO()
    _yaml().dump(document, made)
    return made.getvalue()


def with_remarks(text: str, lines: list[int]) -> tuple[str, list[str]]:
    """The text with a person's comments: behind every other line chosen, above the others."""
    parts, remarks = text.removesuffix("\n").split("\n"), []
    first = next((n for n, line in enumerate(parts) if line.startswith("tables:")), 0)
    for number, line in enumerate(sorted({n % len(parts) for n in lines}, reverse=True)):
        if line <= first:
            continue
        remarks.append(f"remark {line}")
        indent = " " * (len(parts[line]) - len(parts[line].lstrip()))
        if number % 2:
            parts.insert(line, f"{indent}# {remarks[-1]}")
        else:
            parts[line] = f"{parts[line].partition('  #')[0]}  # {remarks[-1]}"
    return "\n".join([*parts, ""]), remarks


columns = st.sampled_from(["PatNum", "ClaimNum", "DateTStamp", "SecDateTEdit", "on", "Note"])

# ruamel.yaml does not keep the last digit of every number with an exponent
amounts = st.integers(0, 9_999).map(lambda number: number / 4)

lines_of = st.lists(st.integers(0, 200), max_size=6)


class TestWritingAgain:
    @unhurried
    @given(file=practices(), lines=lines_of)
    def test_makes_an_older_file_shorter_and_changes_nothing(
        self, file: TablesFile, lines: list[int]
    ) -> None:
        text, last = as_before(file)
        text, remarks = with_remarks(text, lines)
        before = parsed(text, last)
        assert decided(before) == decided(file)
        written, analysis = write({}, draft(file), text, last)
        assert parsed(written, analysis) == TablesFile(metadata={}, tables=before.tables)
        assert [remark for remark in remarks if f"# {remark}\n" not in written] == []
        assert write({}, draft(file), written, analysis) == (written, analysis)
        if not remarks:
            assert "estimated_" not in written and "schema_hash" not in written

    @unhurried
    @given(file=practices(), changes=edits(), lines=lines_of)
    def test_keeps_what_a_person_changed_in_an_older_file(
        self, file: TablesFile, changes: list[tuple[int, str, Any]], lines: list[int]
    ) -> None:
        text, last = as_before(file)
        self._keeps(file, text, last, changes, lines)

    @unhurried
    @given(file=practices(), changes=edits(), lines=lines_of)
    def test_keeps_what_a_person_changed_in_entries_and_defaults(
        self, file: TablesFile, changes: list[tuple[int, str, Any]], lines: list[int]
    ) -> None:
        text, last = write({}, draft(file))
        self._keeps(file, text, last, changes, lines)

    def _keeps(
        self,
        file: TablesFile,
        text: str,
        last: Snapshot,
        changes: list[tuple[int, str, Any]],
        lines: list[int],
    ) -> None:
        text, remarks = with_remarks(edited(text, changes), lines)
        observed = Snapshot(tables=draft(file).tables)
        try:
            mine = parsed(text, observed)
        except ValidationError:
            assume(False)
        written, analysis = write({}, draft(file), text, last)
        assert decided(parsed(written, analysis)) == decided(mine)
        assert [remark for remark in remarks if f"# {remark}\n" not in written] == []
        assert write({}, draft(file), written, analysis) == (written, analysis)

    FILE = TablesFile(
        tables={
            "claim": TableConfig.model_validate(
                {"table_name": "claim", "primary_key": "ClaimNum", "reconcile": {"rows": "nightly"}}
                | FULL
            ),
            "link": TableConfig.model_validate({"table_name": "link", "primary_key": []} | FULL),
        }
    )

    def test_leaves_defaults_that_somebody_removed_away(self) -> None:
        text, last = write({}, draft(self.FILE))
        head, _, entries = text.partition("defaults:")
        without = head + entries[entries.index("tables:") :]
        written, analysis = write({}, draft(self.FILE), without, last)
        assert "defaults:" not in written
        tables = parsed(written, analysis).tables
        assert {table.extraction_strategy for table in tables.values()} == {"full_table"}
        # what holds without any defaults, as somebody wanted it
        assert tables["claim"].reconcile.rows is Frequency.WEEKLY

    def test_gives_a_new_table_the_defaults_of_the_person(self) -> None:
        text, last = write({}, draft(TablesFile(tables={})))
        text = text.replace("medium", "high  # ours").replace("tables: {}", "tables:")
        text = text.replace("tables:", "  deletes: mark\ntables:")
        written, analysis = write({}, draft(self.FILE), text, last)
        tables = parsed(written, analysis).tables
        assert {table.processing_priority for table in tables.values()} == {Priority.HIGH}
        # nothing can be marked in a table without a key
        assert [table.deletes for table in tables.values()] == [Deletes.MARK, Deletes.REMOVE]
        assert "processing_priority: high  # ours" in written

    def test_follows_the_source_in_a_line_that_only_a_comment_keeps(self) -> None:
        rows = {**self.FILE.tables["claim"].model_dump(), "estimated_rows": 5}
        text, last = as_before(TablesFile(tables={"claim": TableConfig.model_validate(rows)}))
        text = text.replace("estimated_rows: 5", "estimated_rows: 5  # grows")
        text = text.replace("batch_size: 50000", "batch_size: 50000  # so be it")
        for count in (5, 7, 7):
            now = TableConfig.model_validate({**rows, "estimated_rows": count})
            text, last = write({}, draft(TablesFile(tables={"claim": now})), text, last)
            assert f"    estimated_rows: {count}  # grows\n" in text
            assert "    batch_size: 50000  # so be it\n" in text
            assert parsed(text, last).table("claim") == now

    def test_keeps_the_comments_of_an_entry_that_has_nothing_left_to_say(self) -> None:
        text, last = as_before(self.FILE)
        lines = [
            f"# above {line.strip()}\n{line}" if line.startswith("   ") else line
            for line in text.split("\n")
        ]
        text = "\n".join(lines)
        written, analysis = write({}, draft(self.FILE), text, last)
        assert "  claim: {}\n# above primary_key: [ClaimNum]\n# above extraction" in written
        assert [line for line in lines if line.split("\n")[0] not in written and "#" in line] == []
        assert write({}, draft(self.FILE), written, analysis) == (written, analysis)

    def test_keeps_what_somebody_left_to_the_defaults_before_there_were_any(self) -> None:
        text, last = as_before(self.FILE)
        text = text.replace("    reconcile: {rows: nightly}\n", "", 1)
        assert parsed(text, last).table("claim").reconcile.rows is Frequency.WEEKLY
        written, analysis = write({}, draft(self.FILE), text, last)
        assert parsed(written, analysis).table("claim").reconcile.rows is Frequency.WEEKLY
