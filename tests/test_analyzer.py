"""The analyzer reads a source and writes tables.yml: what it chooses, why, and what it leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from opendental_pipeline.analysis.analyzer import Analysis, analyze
from opendental_pipeline.analysis.changes import Change, Kind
from opendental_pipeline.analysis.files import AnalysisPaths, Outcome, differences, write_files
from opendental_pipeline.analysis.report import AnalysisReport
from opendental_pipeline.editing.kept_file import KeptFile
from opendental_pipeline.editing.tables_edit import apply_edits, read_value
from opendental_pipeline.settings.data_type import DataType
from opendental_pipeline.settings.errors import RefusedError, ValidationError
from opendental_pipeline.settings.observations import analysis_path
from opendental_pipeline.settings.tables_file import load_tables
from tests.conftest import Clinic
from tests.programs import environment, start

MOVING = "timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
TABLES = (
    f"CREATE TABLE patient (PatNum bigint PRIMARY KEY, LName varchar(9), Premed tinyint NOT NULL,"
    f" SchedAfterTime time, Edited {MOVING}, KEY (Edited))",
    f"CREATE TABLE visit (VisitNum bigint PRIMARY KEY, Note text, SecDateTEdit {MOVING})",
    "CREATE TABLE definition (DefNum bigint PRIMARY KEY, DateEntry date, IsHidden tinyint)",
    "CREATE TABLE timeadjust (TimeAdjustNum bigint PRIMARY KEY, RegHours time, `on` int)",
    "CREATE TABLE link (A int, B int)",
    "CREATE TABLE tmpdocument (DocNum bigint)",
    "CREATE TABLE patient_bak_20240101 (PatNum bigint PRIMARY KEY)",
    "CREATE TABLE preference (PrefNum bigint PRIMARY KEY, PrefName varchar(255), ValueString text)",
    "INSERT INTO patient (PatNum, LName, Premed, SchedAfterTime) VALUES (1, 'a', 1, '08:00:00'),"
    " (2, 'b', 0, '00:00:00')",
    "INSERT INTO definition VALUES (1, '2024-01-01', 2)",
    "INSERT INTO preference VALUES (1, 'DataBaseVersion', '25.1.14.0'),"
    " (2, 'UpdateInProgressOnComputerName', '')",
)


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql(*TABLES)
    return clinic


def look(clinic: Clinic) -> Analysis:
    with clinic.source.connect() as connection:
        return analyze(connection, clinic.name, environment="test")


def regenerate(clinic: Clinic, path: Path) -> Outcome:
    return write_files(look(clinic), AnalysisPaths(path))


def without_times(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "generated_at" not in line)


def line_of(text: str, table: str, field: str) -> str:
    """A field's line, in the entry of a table."""
    entry = text.split(f"\n  {table}:\n")[1]
    return next(line.strip() for line in entry.splitlines() if line.strip().startswith(field))


def test_every_choice_has_its_reason_beside_it(practice: Clinic, tmp_path: Path) -> None:
    practice.sql("UPDATE visit SET Note = 1", "INSERT INTO visit (VisitNum) VALUES (1)")
    regenerate(practice, tmp_path / "tables.yml")
    text = (tmp_path / "tables.yml").read_text()
    assert line_of(text, "visit", "extraction_strategy") == (
        "extraction_strategy: incremental  # SecDateTEdit moves with every edit"
    )
    assert line_of(text, "patient", "incremental_columns") == (
        "incremental_columns: [Edited]  # all rows have one value, as after an upgrade"
    )
    assert line_of(text, "visit", "incremental_columns") == (
        "incremental_columns: [SecDateTEdit]  # no index"
    )
    assert line_of(text, "definition", "extraction_strategy") == (
        "extraction_strategy: full_table  # no column moves with every edit, not even DateEntry"
    )
    keyless = line_of(text, "link", "extraction_strategy")
    assert keyless.endswith("# no primary key, so no row can be replaced")
    for junk in ("tmpdocument", "patient_bak_20240101"):
        assert line_of(text, junk, "enabled").startswith("enabled: false  # its name is that of")


def test_columns_get_the_type_that_opendental_means(practice: Clinic) -> None:
    hints = {
        name: {column: hint.data_type for column, hint in config.columns.items()}
        for name, config in practice.tables().tables.items()
    }
    assert hints["patient"] == {"Premed": DataType.BOOL, "SchedAfterTime": DataType.TIME}
    assert hints["timeadjust"] == {"RegHours": DataType.INTERVAL}
    # a 2 was found there
    assert hints["definition"] == {}
    assert hints["visit"] == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("'0000-00-00'", "is no cursor: unset in 20 of 20 rows looked at"),
        ("'2999-01-01'", "is no cursor: in the future in 20 of 20 rows looked at"),
        ("IF(seq < 3, '0000-00-00', '2024-01-01')", "moves with every edit"),
    ],
)
def test_a_cursor_is_judged_by_its_values(
    practice: Clinic, tmp_path: Path, values: str, reason: str
) -> None:
    kind = "datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
    practice.sql(
        f"ALTER TABLE visit MODIFY SecDateTEdit {kind}",
        f"INSERT INTO visit SELECT seq, '', {values} FROM seq_1_to_20",
    )
    regenerate(practice, tmp_path / "tables.yml")
    text = (tmp_path / "tables.yml").read_text()
    assert line_of(text, "visit", "extraction_strategy").endswith(reason)
    assert load_tables(tmp_path / "tables.yml").table("visit").cursor_columns == (
        ("SecDateTEdit",) if reason.startswith("moves") else ()
    )
    if reason.startswith("moves"):
        assert "unset in 2 of 20 rows" in line_of(text, "visit", "incremental_columns")


def test_a_sample_takes_both_ends_of_a_large_table(practice: Clinic) -> None:
    practice.sql(
        "INSERT INTO visit SELECT seq, '', '2024-01-01' FROM seq_1_to_30000",
        "UPDATE visit SET SecDateTEdit = '0000-00-00' WHERE VisitNum IN (1, 30000, 15000)",
    )
    choice = look(practice).recommendations["visit"]
    assert "unset in 2 of 10,000 rows" in choice.reasons.fields["incremental_columns"]


def test_the_file_says_what_it_is_from(practice: Clinic) -> None:
    analysis = look(practice)
    assert analysis.metadata["database_version"] == "25.1.14.0"
    before = {name: seen.observed.schema_hash for name, seen in analysis.draft.tables.items()}
    assert len(before) == 8
    practice.sql("ALTER TABLE visit MODIFY Note mediumtext")
    after = {name: seen.observed.schema_hash for name, seen in look(practice).draft.tables.items()}
    assert {name for name in before if before[name] != after[name]} == {"visit"}


EDITS = {
    "patient": {
        "  # Edited moves with every edit": "  # as the vendor says",
        "    reconcile": "    processing_priority: high  # first of all\n    reconcile",
        "    columns:\n": "    columns:  # hints\n"
        "      # asked for\n      LName: {hash: true}  # a name\n",
    },
    "visit": {
        "incremental  # SecDateTEdit moves with every edit": "full_table  # edits are lost",
        "    processing_priority": "\n    # small steps\n    batch_size: 777\n"
        "    time_gap_threshold_days: 3\n"
        "    lookback: {days: 7, columns: [SecDateTEdit]}\n    processing_priority",
    },
    "definition": {
        "    extraction_strategy": "    enabled: false  # nobody reads it\n    extraction_strategy"
    },
}
"""What a person writes in place of what the analyzer wrote, by table."""


def edit(path: Path) -> None:
    """What a person changes: hints, strategies, priorities, order, and comments everywhere."""
    written = path.read_text()
    parts = _split(written)
    entries = dict(zip(parts[::2], parts[1::2], strict=True))
    for table, edits in EDITS.items():
        for before, after in edits.items():
            assert before in entries[table], (before, entries[table])
            entries[table] = entries[table].replace(before, after)
    order = ["visit", "timeadjust", *sorted(entries.keys() - {"visit", "timeadjust"})]
    body = "".join(f"\n  # about {name}\n  {name}:{entries[name]}" for name in order)
    head = written.split("tables:\n")[0]
    path.write_text(f"# Ours. Ask before changing.\n{head}tables:\n{body}# the end\n")


def _split(data: str) -> list[str]:
    parts: list[str] = []
    for line in data.split("tables:\n")[1].splitlines(keepends=True):
        if line.startswith("  ") and not line.startswith("   "):
            name, _, rest = line.partition(":")
            parts += [name.strip(), rest]
        else:
            parts[-1] += line
    return parts


def test_edits_come_through_ten_regenerations(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    practice.sql("INSERT INTO link VALUES (0, 0)")
    regenerate(practice, path)
    edit(path)
    edited = path.read_text()
    mine = load_tables(path)
    for night in range(10):
        practice.sql(f"INSERT INTO link VALUES ({night}, 1)")
        outcome = regenerate(practice, path)
        assert outcome.diff == ()
    practice.sql("DELETE FROM link WHERE B = 1")
    regenerate(practice, path)
    assert without_times(path.read_text()) == without_times(edited)
    assert list(load_tables(path).names()) == list(mine.names())


def test_what_nobody_edited_follows_the_source(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    regenerate(practice, path)
    edit(path)
    practice.sql(
        f"ALTER TABLE definition ADD DateTStamp {MOVING}",
        "ALTER TABLE visit DROP SecDateTEdit",
        "ALTER TABLE patient DROP Edited",
        "CREATE TABLE recall (RecallNum int PRIMARY KEY)",
        "DROP TABLE timeadjust",
    )
    regenerate(practice, path)
    text, tables = path.read_text(), load_tables(path)
    assert tables.table("definition").cursor_columns == ("DateTStamp",)
    assert not tables.table("definition").enabled
    assert tables.table("patient").cursor_columns == ()
    assert line_of(text, "patient", "extraction_strategy").endswith("# as the vendor says")
    assert tables.table("visit").batch_size == 777
    assert list(tables.names())[-1] == "recall"
    assert text.endswith("# the end\n")
    # a night tells of it; it wakes by itself when it is back
    assert load_tables(path).table("timeadjust").enabled
    practice.sql("CREATE TABLE timeadjust (TimeAdjustNum bigint PRIMARY KEY)")
    regenerate(practice, path)
    assert load_tables(path).table("timeadjust").enabled
    for name in ("patient", "visit", "definition"):
        assert f"\n\n  # about {name}\n  {name}:\n" in path.read_text()


def test_an_entry_that_an_earlier_version_switched_off_wakes(
    practice: Clinic, tmp_path: Path
) -> None:
    path = tmp_path / "tables.yml"
    regenerate(practice, path)
    why = "the source has no such table"
    head, entry, rest = path.read_text().partition("\n  timeadjust:")
    line, _, others = rest.partition("\n")
    assert line.strip() in ("", "{}")
    path.write_text(f"{head}{entry}\n    enabled: false  # {why}\n{others}")
    snapshot = json.loads(analysis_path(path).read_text())
    table = snapshot["tables"]["timeadjust"]
    table.setdefault("chosen", {})["enabled"] = False
    table.setdefault("comments", {}).setdefault("fields", {})["enabled"] = why
    analysis_path(path).write_text(json.dumps(snapshot))
    assert not load_tables(path).table("timeadjust").enabled
    practice.sql("DROP TABLE timeadjust")
    regenerate(practice, path)
    assert load_tables(path).table("timeadjust").enabled


def test_a_file_written_by_hand_is_completed_and_kept(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    path.write_text(
        "tables:\n  # mine\n  visit:\n    extraction_strategy: full_table  # I know\n"
        "    primary_key: VisitNum\n  old: {extraction_strategy: full_table}\n"
    )
    outcome = regenerate(practice, path)
    visit = load_tables(path).table("visit")
    assert visit.extraction_strategy == "full_table"
    assert visit.schema_hash is not None
    assert "  # mine\n  visit:\n    extraction_strategy: full_table  # I know\n" in path.read_text()
    assert load_tables(path).table("old").enabled
    assert outcome.backup is not None
    assert outcome.backup.read_text().startswith("tables:\n  # mine\n")


def test_a_file_that_was_deleted_is_written_anew(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    regenerate(practice, path)
    before = path.read_text()
    path.unlink()
    regenerate(practice, path)
    assert without_times(path.read_text()) == without_times(before)


def test_a_file_that_cannot_be_read_is_left_alone(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    path.write_text("tables: [\n")
    with pytest.raises(ValidationError, match=r"tables.yml:\d"):
        regenerate(practice, path)
    assert path.read_text() == "tables: [\n"
    path.write_text("defaults:\n  reconcile: daily\ntables: {}\n")
    with pytest.raises(ValidationError, match=r"tables.yml:\d+: defaults.reconcile: must be"):
        regenerate(practice, path)
    assert not list(tmp_path.glob("tables.*.json")) and not (tmp_path / "backups").exists()


def test_what_was_set_by_the_program_stays_as_well(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    practice.sql("ALTER TABLE timeadjust DROP RegHours", "ALTER TABLE definition DROP IsHidden")
    regenerate(practice, path)
    values = {
        ("tables", "patient", "batch_size"): "777",
        ("tables", "timeadjust", "columns", "on", "hash"): "true",
        ("tables", "definition", "reconcile", "rows"): "off",
        ("tables", "link", "processing_priority"): "high",
        ("defaults", "time_gap_threshold_days"): "9",
    }
    path.write_text(apply_edits(path.read_text(), {n: read_value(v) for n, v in values.items()}))
    mine = path.read_text()
    regenerate(practice, path)
    assert without_times(path.read_text()) == without_times(mine)
    # where the analyzer has more to say of the same
    practice.sql("ALTER TABLE timeadjust ADD RegHours time", "ALTER TABLE link ADD PRIMARY KEY (A)")
    regenerate(practice, path)
    tables = load_tables(path)
    hints = tables.table("timeadjust").columns
    assert hints["on"].hash and hints["RegHours"].data_type is DataType.INTERVAL
    assert tables.table("link").processing_priority == "high"
    assert "RegHours: {data_type: interval}  # a span" in path.read_text()


def test_the_text_before_is_kept_to_the_byte_and_never_that_of_somebody_else(
    practice: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tables.yml"
    regenerate(practice, path)
    mine = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n").replace(b"low", b"high")
    path.write_bytes(mine)
    practice.sql("CREATE TABLE recall (RecallNum int PRIMARY KEY)")
    outcome = regenerate(practice, path)
    assert outcome.backup is not None
    assert outcome.backup.read_bytes() == mine
    before = path.read_bytes()
    analysis = look(practice)
    read = KeptFile.read

    def edited_meanwhile(file: KeptFile) -> str:
        text = read(file)
        path.write_bytes(mine)
        return text

    monkeypatch.setattr(KeptFile, "read", edited_meanwhile)
    assert before != mine
    with pytest.raises(RefusedError, match="changed by somebody else meanwhile"):
        write_files(analysis, AnalysisPaths(path))
    assert path.read_bytes() == mine


def test_check_tells_every_difference_and_writes_nothing(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    environ = environment(practice, path)
    assert start("analyze.py", environ=environ, cwd=tmp_path).code == 0
    assert differences(look(practice), load_tables(path)) == []
    practice.sql(
        "CREATE TABLE recall (RecallNum int PRIMARY KEY)",
        "DROP TABLE link, tmpdocument",
        "ALTER TABLE visit ADD Room int, DROP PRIMARY KEY, ADD PRIMARY KEY (VisitNum, Room)",
        "ALTER TABLE patient DROP Edited",
    )
    before = path.read_text()
    differs = start("analyze.py", "--check", environ=environ, cwd=tmp_path)
    assert differs.code == 1
    assert differs.out.splitlines() == [
        "table link is not at the source",
        "table patient has other columns, types or key than when it was analyzed",
        "table patient: incremental_columns in tables.yml names Edited, which the source lacks",
        "table recall is not in tables.yml",
        "table visit has other columns, types or key than when it was analyzed",
        "table visit: its key is VisitNum in tables.yml, and VisitNum, Room at the source",
        f"{path}: 6 differences",
    ]
    assert path.read_text() == before
    regenerate(practice, path)
    same = start("analyze.py", "--check", environ=environ, cwd=tmp_path)
    assert (same.code, same.out) == (0, f"{path}: no difference\n"), same.err


def test_the_schemas_changes_are_logged(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    assert regenerate(practice, path).changes is None
    practice.sql("ALTER TABLE visit CHANGE Note Memo text, ADD Room int", "DROP TABLE link")
    practice.sql("UPDATE preference SET ValueString = '25.2.1.0' WHERE PrefNum = 1")
    outcome = regenerate(practice, path)
    assert outcome.changes is not None
    markdown = (tmp_path / "tables.changes.md").read_text()
    assert "OpenDental `25.1.14.0` → `25.2.1.0`" in markdown
    for said in ("**`visit.Note`** renamed to `Memo`", "**`link`** removed", "`Room` added"):
        assert said in markdown
    practice.sql("ALTER TABLE visit DROP Room")
    regenerate(practice, path)
    assert regenerate(practice, path).changes is None
    logged = json.loads((tmp_path / "tables.changes.json").read_text())
    assert [len(entry["changes"]) for entry in logged["entries"]] == [1, 3]


def test_an_orchestrator_gets_what_changed_as_one_line(practice: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "tables.yml"
    environ = environment(practice, path)

    def told(*arguments: str) -> tuple[int, dict[str, Any]]:
        done = start("analyze.py", "--json", *arguments, environ=environ, cwd=tmp_path)
        (line,) = done.out.splitlines()
        return done.code, json.loads(line)

    code, first = told()
    assert (code, first["has_changes"], first["backup_path"]) == (0, False, None)
    assert first["total_tables"] == len(load_tables(path).tables)
    practice.sql(
        "DROP TABLE link",
        "ALTER TABLE visit ADD Room int",
        "CREATE TABLE recall (RecallNum int PRIMARY KEY)",
    )
    before = path.read_text()
    code, seen = told("--check")
    assert (code, seen["has_changes"], seen["has_breaking_changes"]) == (1, True, True)
    assert "table link is not at the source" in seen["differences"]
    assert path.read_text() == before
    code, written = told()
    assert code == 0
    assert written["change_details"] == seen["change_details"]
    assert [(c["table"], c["kind"], c["breaking"]) for c in written["change_details"]] == [
        ("link", "table removed", True),
        ("recall", "table added", False),
        ("visit", "column added", False),
    ]
    assert Path(written["backup_path"]).read_text() == before
    assert told("--check") == (0, {**first, "total_tables": written["total_tables"]})


def test_the_line_for_an_orchestrator_has_a_limit_and_says_what_it_leaves_off() -> None:
    changes = [
        Change(table=f"t{n}", kind=Kind.COLUMN_ADDED, column="c", after="ä" * 300, breaking=n > 990)
        for n in range(1000)
    ]
    report = AnalysisReport(
        tables_file="tables.yml",
        total_tables=1000,
        database_version=None,
        has_changes=True,
        has_breaking_changes=True,
        change_details=tuple(changes),
        differences=("table t is not in tables.yml",) * 40,
    )
    line = report.one_line()
    assert len(line.encode()) <= 48_000
    short = json.loads(line)
    shown = short["change_details"]
    assert len(shown) + short["changes_left_off"] == 1000
    assert len(shown) > 50
    assert [change["breaking"] for change in shown[:10]] == [True] * 9 + [False]
    assert len(short["differences"]) + short["differences_left_off"] == 40
