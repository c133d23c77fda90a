"""One value of tables.yml at a time: nothing else in the file changes, and no text is lost."""

import difflib
import json
import os
import re
import shlex
import stat
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, tzinfo
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendental_pipeline.commands.config import CONFIG
from opendental_pipeline.editing import kept_file
from opendental_pipeline.editing.kept_file import KEPT, KeptFile
from opendental_pipeline.editing.tables_edit import apply_edits, read_value
from opendental_pipeline.editing.yaml_text import in_one_line
from opendental_pipeline.programs.config import main
from opendental_pipeline.settings.errors import RefusedError, ValidationError
from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.settings.tables_file import load_tables
from tests import programs

TABLES = dedent("""\
    # ours
    metadata: {}
    defaults:  # hold for every table
      extraction_strategy: full_table
      reconcile: {rows: weekly}
    tables:

      # about patients
      patient:
        extraction_strategy: incremental  # it moves
        incremental_columns: [DateTStamp]
        # large
        performance_category: large

        columns:
          SSN: {hash: true}  # a secret
      visit: {}  # nothing special
      claim:
        performance_category: large
        processing_priority: high
    # the end
    """)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tables.yml of a home of its own."""
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_bytes((CHECKOUT / ".dlt/config.toml").read_bytes())
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("OPENDENTAL_HOME", str(tmp_path))
    file = tmp_path / "config/tables.yml"
    file.write_text(TABLES)
    return file


Run = Callable[..., str]


@pytest.fixture
def run(path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the program in this process; its output, or what it says of a failure."""
    assert path.exists()

    def started(line: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(CONFIG.parse(shlex.split(line))) == code
        said = capsys.readouterr()
        assert (said.err if code == 0 else said.out) == ""
        assert "fault of this program" not in said.err
        return said.err if code else said.out

    return started


def changed(path: Path) -> list[str]:
    """The lines that went and those that came, of a file whose text was TABLES."""
    lines = difflib.ndiff(TABLES.splitlines(), path.read_text().splitlines())
    return [line for line in lines if line.startswith(("- ", "+ "))]


# set and unset

EDITS = {
    "set patient.batch_size 20000": ["+     batch_size: 20000"],
    "set patient.performance_category small": [
        "-     performance_category: large",
        "+     performance_category: small",
    ],
    "set patient.extraction_strategy full_table": [
        "-     extraction_strategy: incremental  # it moves",
        "+     extraction_strategy: full_table  # it moves",
    ],
    "set visit.reconcile.rows off": [
        "-   visit: {}  # nothing special",
        "+   visit:  # nothing special",
        "+     reconcile: {rows: off}",
    ],
    "set patient.columns.SSN.hash false": [
        "-       SSN: {hash: true}  # a secret",
        "+       SSN: {hash: false}  # a secret",
    ],
    "set patient.columns.LName.exclude true": ["+       LName: {exclude: true}"],
    "set patient.columns '{LName: {hash: true}}'": [
        "+     columns: {LName: {hash: true}}",
        "-     columns:",
        "-       SSN: {hash: true}  # a secret",
    ],
    "set claim.columns.Note.exclude true": ["+     columns:", "+       Note: {exclude: true}"],
    "set visit.columns.Note.exclude true": [
        "-   visit: {}  # nothing special",
        "+   visit:  # nothing special",
        "+     columns:",
        "+       Note: {exclude: true}",
    ],
    "set defaults.reconcile.deletes weekly": [
        "-   reconcile: {rows: weekly}",
        "+   reconcile: {rows: weekly, deletes: weekly}",
    ],
    "set --category large reconcile.rows nightly": ["+     reconcile: {rows: nightly}"] * 2,
    "set --category large --priority high backend connectorx": ["+     backend: connectorx"],
    "unset patient.columns.SSN.hash": ["-     columns:", "-       SSN: {hash: true}  # a secret"],
    "unset defaults.reconcile": ["-   reconcile: {rows: weekly}"],
    "unset --all performance_category": ["-     performance_category: large"] * 2,
}


@pytest.mark.parametrize("line", EDITS)
def test_only_what_is_meant_changes(line: str, run: Run, path: Path) -> None:
    said = run(line)
    assert changed(path) == EDITS[line]
    (backup,) = KeptFile(path).backups()
    assert backup.path.read_text() == TABLES
    assert said.endswith(f"the file before: {backup.path}\n")
    load_tables(path)
    assert run("restore latest")
    assert path.read_text() == TABLES


def test_the_last_value_of_an_entry_leaves_an_empty_one(run: Run, path: Path) -> None:
    run("unset claim.processing_priority")
    run("unset claim.performance_category")
    assert "  claim: {}\n# the end\n" in path.read_text()
    run("set claim.batch_size 5")
    assert "  claim:\n    batch_size: 5\n# the end\n" in path.read_text()


def test_a_group_is_told_with_how_many_of_it_changed(run: Run) -> None:
    assert run("set --all processing_priority high").startswith(
        "processing_priority: changed for 2 of 3 tables: patient, visit\n"
    )
    assert run("set patient.batch_size 7").startswith("patient.batch_size: 7, before 50000\n")


@pytest.mark.parametrize(
    "line",
    [
        "set patient.performance_category large",
        "set --category large performance_category large",
        "unset patient.batch_size",
        "unset visit.reconcile.rows",
    ],
)
def test_what_changes_nothing_writes_nothing(line: str, run: Run, path: Path) -> None:
    assert "nothing was written" in run(line)
    assert path.read_text() == TABLES
    assert not KeptFile(path).folder.exists()


WRONG = {
    "set patent.batch_size 1": "tables.yml has no table patent (did you mean patient?)",
    "set patient.batchsize 1": "tables.yml has no field batchsize (did you mean batch_size?)",
    "set patient.reconcile.row weekly": "reconcile has no row (did you mean rows?)",
    "set patient.columns.SSN.hsah true": "columns have no hint hsah (did you mean hash?)",
    "set patient.batch_size.rows 1": "batch_size has no parts, and so no rows",
    "set batch_size 1": "batch_size is a field: say of which table, as in TABLE.batch_size",
    "set patient {}": "patient is a table: say which of its fields, patient.FIELD",
    "set '' 1": "tables.yml has no table ",
    "set patient. 1": "tables.yml has no field ",
    "set patient.batch_size ''": "the value is empty",
    "set patient.batch_size '[1'": "the value is no YAML: ",
    "set patient.batch_size many": "tables.yml:12: table patient, batch_size: must be a valid int",
    "set patient.batch_size 0": "table patient, batch_size: must be greater than or equal to 1",
    "set patient.incremental_columns []": "must name a column that moves with each change",
    "set patient.columns.DateTStamp.exclude true": "must not exclude or hash DateTStamp",
    "set visit.table_name other": "must be visit, the name the entry stands under",
    "set defaults.columns '{}'": "tables.yml has no field columns",
    "unset patient": "patient is a table",
    "unset defaults.extraction_strategy": "table visit, extraction_strategy: is missing",
    "set --category lage backend wire": "tables.yml has no category lage (did you mean large?)",
    "set --priority hgih backend wire": "tables.yml has no priority hgih (did you mean high?)",
    "set --category tiny --priority high backend wire": "has no table of that category and prio",
    "set --all --category large backend wire": "--all is every table: leave out --category",
    "set --all patient.backend wire": "tables.yml has no field patient",
    "get patient.nothing": "tables.yml has no field nothing",
    "get --all nothing": "tables.yml has no field nothing",
    "diff": "no earlier text of ",
    "restore latest": "no earlier text of ",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_told_and_leaves_the_file_alone(line: str, run: Run, path: Path) -> None:
    assert WRONG[line] in run(line, code=2)
    assert path.read_text() == TABLES
    assert not KeptFile(path).folder.exists()


@pytest.mark.parametrize(
    "line",
    ["", "put a 1", "set", "set patient.batch_size", "get", "set --category", "restore", "check x"],
)
def test_a_wrong_command_line_is_exit_code_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        CONFIG.parse(shlex.split(line))
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_all_faults_of_a_file_are_told_and_nothing_is_changed_in_it(run: Run, path: Path) -> None:
    assert run("check") == f"{path}: valid; 3 of 3 tables are moved\n"
    wrong = TABLES.replace("large", "huge").replace("full_table", "ful_table")
    path.write_text(wrong)
    for line in ("check", "set visit.batch_size 5", "get visit"):
        assert run(line, code=2).count("tables.yml:") == 3
    path.unlink()
    assert f"{path} does not exist; make one" in run("set visit.batch_size 5", code=2)
    assert not path.exists()


# get


def test_an_entry_is_printed_as_it_stands(run: Run) -> None:
    assert (
        run("get claim") == "claim:\n  performance_category: large\n  processing_priority: high\n"
    )
    assert run("get visit") == "visit: {}  # nothing special\n"
    assert run("get defaults").startswith("defaults:  # hold for every table\n  extraction_str")


@pytest.mark.parametrize(
    ("key", "value", "origin"),
    [
        ("patient.extraction_strategy", "incremental", "entry"),
        ("visit.extraction_strategy", "full_table", "defaults"),
        ("visit.reconcile.rows", "weekly", "defaults"),
        ("visit.batch_size", 50_000, "program"),
        ("patient.primary_incremental_column", "DateTStamp", "program"),
        ("patient.columns.SSN.hash", True, "entry"),
        ("patient.columns.LName.hash", False, "program"),
        ("visit.lookback.days", None, "program"),
        ("visit.estimated_rows", 0, "analysis"),
        ("defaults.reconcile", {"deletes": "nightly", "rows": "weekly", "brake": True}, "defaults"),
        ("defaults.backend", "wire", "program"),
    ],
)
def test_a_value_is_printed_as_it_takes_effect(key: str, value: Any, origin: str, run: Run) -> None:
    assert yaml.safe_load(run(f"get {key}")) == value
    document = json.loads(run(f"get {key} --json"))
    assert document["values"] == [{"key": key, "value": value, "origin": origin}]


def test_a_field_of_a_group_is_printed_by_table(run: Run) -> None:
    assert run("get reconcile.rows --category large") == "patient: weekly\nclaim: weekly\n"
    document = json.loads(run("get patient --json"))
    assert document["schema_version"] == 1
    assert {one["key"] for one in document["values"]} >= {"patient.columns", "patient.batch_size"}


# the texts before


def test_fifty_texts_are_kept_and_files_of_other_names_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = count()

    class SlowClock(datetime):
        """Stands still for three looks at it."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "SlowClock":
            return cls(2026, 1, 1, microsecond=next(looks) // 3, tzinfo=tz)

    monkeypatch.setattr(kept_file, "datetime", SlowClock)
    file = KeptFile(path)
    file.folder.mkdir()
    own = file.folder / "tables.before-the-upgrade.yml"
    own.write_text("mine")
    texts = [f"{TABLES}# {number}\n" for number in range(KEPT + 5)]
    for before, after in zip([TABLES, *texts], texts, strict=False):
        file.replace(before, after)
    kept = [one.path.read_text() for one in file.backups()]
    # none in the place of another that was made at the same moment
    assert kept == [*reversed(texts[:-1])][:KEPT]
    assert own.read_text() == "mine"


def test_a_text_is_kept_on_request_and_only_once(run: Run, path: Path) -> None:
    for _ in range(2):
        said = run("backup")
        (kept,) = KeptFile(path).backups()
        assert said == f"kept: {kept.path}\n"
    assert kept.path.read_text() == TABLES
    run("set patient.batch_size 7")
    assert KeptFile(path).backups() == [kept]
    run("backup")
    assert [one.path.read_text() for one in KeptFile(path).backups()] == [path.read_text(), TABLES]
    newest = KeptFile(path).backups()[0].path
    newest.write_bytes(b"\xff")
    run("set patient.batch_size 8")
    assert KeptFile(path).backups()[0].path != newest
    path.unlink()
    with pytest.raises(ValidationError, match="nothing can be kept of it"):
        KeptFile(path).keep()


def test_an_earlier_text_is_listed_compared_and_put_back(run: Run, path: Path) -> None:
    run("set patient.batch_size 7")
    run("set --all backend connectorx")
    newest, oldest = json.loads(run("backups --json"))["backups"]
    assert (newest["different"], oldest["different"]) == (3, 3)
    assert oldest["size"] == len(TABLES.encode())
    assert run("backups").splitlines()[1].startswith(f"{oldest['name']}  20")
    lines = run(f"diff {oldest['name']}").splitlines()
    assert [line for line in lines if line.startswith("+ ")] == [
        *("+    backend: connectorx", "+    batch_size: 7", "+  visit:  # nothing special"),
        *("+    backend: connectorx", "+    backend: connectorx"),
    ]
    assert json.loads(run(f"diff --json {oldest['name']}"))["lines"] == lines
    last = path.read_text()
    run(f"restore {oldest['name']}")
    assert path.read_text() == TABLES
    assert "nothing was written" in run(f"restore {oldest['name']}")
    run("restore latest")
    assert path.read_text() == last
    assert run("diff latest").startswith("--- ")
    assert "has no tables.2026.yml" in run("restore tables.2026.yml", code=2)


def test_a_text_that_is_not_valid_is_not_put_back(run: Run, path: Path) -> None:
    path.write_text("tables: [\n")
    KeptFile(path).replace("tables: [\n", TABLES)
    assert "no YAML" in run("backups")
    assert "tables.20" in run("restore latest", code=2)
    assert path.read_text() == TABLES
    # what is wrong now can be put right
    path.write_text("tables: [\n")
    KeptFile(path).replace("tables: [\n", "tables: {\n")
    path.write_text(TABLES)
    run("set visit.batch_size 5")
    path.write_text("tables: {\n")
    run("restore latest")
    assert path.read_text() == TABLES


def test_mode_owner_and_link_stay(run: Run, path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.yml"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 12345, 12345)
    owner = real.stat().st_uid
    run("set visit.batch_size 5")
    assert path.is_symlink()
    (backup,) = KeptFile(path).backups()
    for file in (real, backup.path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert file.stat().st_uid == owner
    assert "batch_size: 5" in real.read_text()


def test_somebody_elses_change_is_not_written_over(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = TABLES.replace("ours", "theirs")
    file = KeptFile(path)
    path.write_text(theirs)
    with pytest.raises(RefusedError, match="was changed by somebody else meanwhile"):
        file.replace(TABLES, "mine")
    with file._alone():
        said = run("set visit.batch_size 5", code=3)
    assert said.startswith(f"another program is writing {path}, so nothing was written")
    assert path.read_text() == theirs
    assert not file.folder.exists()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_file, "replace_text", full)
    assert run("set visit.batch_size 5", code=2) == (
        f"{path} cannot be written, and is as it was: No space left on device\n"
    )
    assert path.read_text() == theirs


def test_as_a_program_it_does_the_same(path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "OPENDENTAL_HOME": str(path.parent.parent)}
    arguments = ("set", "--category", "large", "reconcile.rows", "nightly")
    done = programs.start("config.py", *arguments, environ=environ, cwd=path.parent)
    assert (done.code, done.err) == (0, "")
    assert path.read_text().count("    reconcile: {rows: nightly}\n") == 2
    assert stat.S_IMODE(KeptFile(path).folder.stat().st_mode) == 0o700


# any text and any edit

REAL = (CHECKOUT / "config/tables.yml").read_text()
HEAD, ENTRIES = REAL.split("tables:\n")
"""What an analysis wrote of a whole OpenDental."""

VALUES = {
    ("batch_size",): st.integers(1, 10**6),
    ("enabled",): st.booleans(),
    ("reconcile", "rows"): st.sampled_from(["nightly", "weekly", "off"]),
    ("reconcile",): st.fixed_dictionaries({}, optional={"brake": st.booleans()}),
    ("columns", "Note"): st.sampled_from([{"hash": True}, {"exclude": False}]),
    ("columns", "on, [é]: #x"): st.just({"exclude": True}),
    ("monitoring", "memory_alert_threshold_mb"): st.floats(0, 1e300),
    ("incremental_columns",): st.lists(st.text(min_size=1, max_size=8), unique=True),
    ("extraction_strategy",): st.sampled_from(["full_table", "incremental"]),
    ("lookback",): st.just({"days": 3, "columns": ["a b", "c"]}),
}
NAMES = list(yaml.safe_load(REAL)["tables"])

edits_of = st.lists(
    st.sampled_from([*VALUES]).flatmap(
        lambda field: st.tuples(
            st.just(field),
            st.sets(st.sampled_from(["defaults", *NAMES[:12]]), min_size=1, max_size=4),
            st.none() | VALUES[field],
        )
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The first entries of the real file, with comments, blank lines and line ends of a person."""
    count = draw(st.integers(1, 12))
    stop = ENTRIES.index(f"  {NAMES[count]}:")
    head = draw(st.sampled_from([HEAD, "", "\ufeff" + HEAD]))
    lines = [*head.splitlines(), "tables:", *ENTRIES[:stop].splitlines()]
    for place in draw(st.lists(st.integers(0, 200), max_size=8)):
        number = place % len(lines)
        if place % 3 == 0 and "#" not in lines[number]:
            lines[number] += f"  # 😀 {place}: {{it}}"
        elif number:
            indent = " " * draw(st.integers(0, 8))
            lines.insert(number, draw(st.sampled_from(["", "   ", f"{indent}# remark {place}"])))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines) + draw(st.sampled_from([end, "", f"{end}{end}# the end"]))


def model(data: Any, place: tuple[str, ...], value: Any) -> Any:
    """The same edit of plain data: blocks that are empty then go, entries stay."""
    data = deepcopy(data)
    around = [data]
    for part in place[:-1]:
        if value is None and part not in around[-1]:
            return data
        around.append(around[-1].setdefault(part, {}))
    if value is not None:
        around[-1][place[-1]] = value
        return data
    if around[-1].pop(place[-1], None) is not None:
        least = 2 if place[0] == "tables" else 0
        for depth in range(len(place) - 1, least, -1):
            if around[depth] == {}:
                del around[depth - 1][place[depth - 1]]
    return data


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(text=texts(), edits=edits_of)
def test_any_edit_does_what_it_does_to_plain_data_and_keeps_all_other_lines(
    text: str, edits: Any
) -> None:
    data = yaml.safe_load(text)
    expected, after = data, text
    concerned: set[tuple[str, str]] = set()
    for field, names, value in edits:
        known = sorted(name for name in names if name == "defaults" or name in data["tables"])
        places = [(*(() if name == "defaults" else ("tables",)), name, *field) for name in known]
        typed = None if value is None else read_value(in_one_line(value))
        after = apply_edits(after, dict.fromkeys(places, typed))
        for place in places:
            expected = model(expected, place, value)
        concerned |= {(name, field[0]) for name in known}
    assert repr(sorted_(yaml.safe_load(after))) == repr(sorted_(expected))
    assert others(after, concerned) == others(text, concerned)
    if "columns" not in {field for _, field in concerned}:
        # what stands within a block goes with it
        assert remarks(after) == remarks(text)
    assert after.count("\r\n") == (after.count("\n") if "\r\n" in text else 0)


def others(text: str, concerned: set[tuple[str, str]]) -> list[str]:
    """The lines that are about other fields than these; the head of an entry may lose its {}."""
    found = []
    entry = field = ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        name = line.strip().partition(":")[0]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if name == "defaults" or (indent == 2 and entry != "defaults"):
            entry, field = name, ""
            line = re.sub(r": \{\}", ":", line)
            if name == "defaults" and any(one == "defaults" for one, _ in concerned):
                continue
        elif indent == (2 if entry == "defaults" else 4):
            field = name
        elif not indent:
            entry = field = ""
        if (entry, field) not in concerned:
            found.append(line)
    return found


def remarks(text: str) -> list[str]:
    """The lines that are empty or a comment."""
    return [line for line in text.splitlines() if not line.strip() or line.strip().startswith("#")]


def sorted_(data: Any) -> Any:
    """Data whose mappings are in one order."""
    if isinstance(data, dict):
        return [(key, sorted_(data[key])) for key in sorted(data, key=str)]
    return [sorted_(one) for one in data] if isinstance(data, list) else data


ODD = {
    "an alias": "tables:\n  a: {columns: &x {A: {hash: true}}}\n  b: {columns: *x}\n",
    "a merge": "defaults: &d {backend: wire}\ntables:\n  a:\n    <<: *d\n  b: {}\n",
    "an anchor that is used": "tables:\n  a: {reconcile: &x {rows: off}}\n  b: {reconcile: *x}\n",
}


def test_what_is_written_in_another_way_is_edited_right_or_left_to_a_person() -> None:
    columns = ("tables", "b", "columns", "A", "hash")
    with pytest.raises(ValidationError, match="only edited by hand"):
        apply_edits(ODD["an alias"], {columns: read_value("false")})
    merged = apply_edits(ODD["a merge"], {("tables", "a", "backend"): read_value("connectorx")})
    assert merged == ODD["a merge"].replace("    <<", "    backend: connectorx\n    <<")
    for text in (ODD["a merge"], "<<: {tables: {a: {backend: wire}}}\n"):
        with pytest.raises(ValidationError, match=r"tables\.a.* only edited by hand"):
            apply_edits(text, {("tables", "a", "backend"): None})
    with pytest.raises(ValidationError, match="only edited by hand"):
        apply_edits(ODD["an anchor that is used"], {("tables", "a", "reconcile"): read_value("{}")})
    bare = "tables:\n  a: {backend: wire}\n"
    value = read_value("nightly")
    assert apply_edits(bare, {("defaults", "reconcile", "rows"): value}) == (
        f"defaults:\n  reconcile: {{rows: nightly}}\n{bare}"
    )
    assert apply_edits(bare, {("tables", "a", "reconcile", "rows"): value}) == bare.replace(
        "wire", "wire, reconcile: {rows: nightly}"
    )
    quoted = '"tables":\n  "a": {\'batch_size\': 1,}\n'
    assert apply_edits(quoted, {("tables", "a", "batch_size"): read_value("2")}) == quoted.replace(
        "1", "2"
    )


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("nightly", "nightly"),
        (" off ", "off"),
        ("[a, b]", "[a, b]"),
        ("{a: 1}", "{a: 1}"),
        ("a: 1", "{a: 1}"),
        ("5  # five", "5"),
        ("- a\n- b", "[a, b]"),
        ("'x'", "'x'"),
        ("a, b", "'a, b'"),
        ("2026-01-01", "2026-01-01"),
    ],
)
def test_a_value_is_written_as_it_was_typed_if_that_is_one_line(typed: str, written: str) -> None:
    value = read_value(typed)
    assert value.text == written
    assert yaml.safe_load(f"{{a: {value.text}}}") == {"a": yaml.safe_load(typed)}
