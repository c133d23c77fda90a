"""The changelog of the source's schema tells people what each analysis found changed."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from opendental_pipeline.analysis.changes import Change, Changelog, Kind, changelog_entry, compare
from opendental_pipeline.settings.errors import ValidationError
from tests.test_schema_changes import PATIENT, shape, table, unhurried

UPGRADE = compare(
    {
        "patient": PATIENT,
        "task": table("TaskNum", TaskNum="bigint", Note="text"),
        "old": table(A="int"),
    },
    {
        "patient": table("PatNum", PatNum="bigint", LName="varchar(255)", Born="date"),
        "task": table(
            TaskNum=shape("bigint", default="0"), Note="text", Due="date", State="tinyint"
        ),
        "apikey": table("KeyNum", KeyNum="bigint", Name="text"),
    },
    lambda name, column: [f"stg_opendental__{name}"] if column == "Email" else [],
)
ENTRY = changelog_entry(
    UPGRADE,
    moment="2026-03-01T02:00:00+00:00",
    before_version="24.1.5",
    after_version="25.1.3",
)


def test_an_upgrade_is_told_to_people() -> None:
    assert (
        Changelog().with_entry(ENTRY).to_markdown()
        == """\
# Changes of the source's schema

## 2026-03-01 02:00+00:00, OpenDental `24.1.5` → `25.1.3`

1 table and 3 columns added, 1 table and 1 column removed, 1 column retyped, \
1 default and 1 key changed; 3 breaking

### Breaking

- **`old`** removed (was `A`)
- **`patient.Email`** removed (was `varchar(100) not null`) \
— breaks dbt models `stg_opendental__patient`
- **`task`** key changed from `TaskNum` to nothing

### Not breaking

- `apikey`
  - table added (`KeyNum, Name`)
- `patient`
  - `LName` retyped from `varchar(100) not null` to `varchar(255) not null`
  - `Born` added (`date not null`)
- `task`
  - `TaskNum` default changed from nothing to `0`
  - `Due` added (`date not null`)
  - `State` added (`tinyint not null`)
"""
    )


@pytest.mark.parametrize(
    ("before", "after", "heading"),
    [
        ("24.1", "25.1", "`24.1` → `25.1`"),
        ("25.1", "25.1", "`25.1`"),
        (None, "25.1", "unknown → `25.1`"),
        (None, None, "unknown"),
    ],
)
def test_an_entry_names_the_versions_of_opendental(
    before: str | None, after: str | None, heading: str
) -> None:
    entry = changelog_entry(
        [], moment="2026-03-01", before_version=before, after_version=after
    ).to_markdown()
    assert entry == (
        f"## 2026-03-01 00:00, OpenDental {heading}\n\nnothing changed; none breaking\n"
    )


def test_the_newest_entry_comes_first() -> None:
    later = ENTRY.model_copy(update={"moment": "2026-04-01T02:00:00+00:00", "changes": ()})
    log = Changelog().with_entry(ENTRY).with_entry(later)
    assert log.entries == (later, ENTRY)
    assert log.to_markdown().index("2026-04-01") < log.to_markdown().index("2026-03-01")


def test_a_changelog_begins_empty(tmp_path: Path) -> None:
    log = Changelog.read(tmp_path / "changelog.json")
    assert log == Changelog()
    assert log.to_markdown() == "# Changes of the source's schema\n\nNothing changed yet.\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Invalid JSON"),
        (b"\xff", "Invalid JSON"),
        (b"[]", "the file"),
        (b'{"entries": [{"moment": "yesterday"}]}', "entries.0.moment"),
        (b'{"entries": [], "more": 1}', "more"),
    ],
)
def test_a_file_that_is_no_changelog_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "changelog.json"
    path.write_bytes(content)
    with pytest.raises(ValidationError, match=rf"changelog\.json is not a changelog.*{message}"):
        Changelog.read(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="cannot be read"):
        Changelog.read(tmp_path)


TEXTS = st.text(min_size=1, max_size=8)
CHANGES = st.builds(
    Change,
    table=TEXTS,
    kind=st.sampled_from(Kind),
    column=st.none() | TEXTS,
    before=st.none() | st.text(max_size=8),
    after=st.none() | st.text(max_size=8),
    breaking=st.booleans(),
    breaks=st.lists(TEXTS, max_size=2).map(tuple),
)


def logged(changes: list[Change]) -> Changelog:
    """A changelog of one entry."""
    entry = changelog_entry(
        changes, moment="2026-03-01", before_version=None, after_version="25`\n"
    )
    return Changelog().with_entry(entry)


@unhurried
@given(st.lists(CHANGES, max_size=4))
def test_a_changelog_reads_back(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Change]
) -> None:
    path = tmp_path_factory.getbasetemp() / "changelog.json"
    path.write_text(logged(changes).to_json(), encoding="utf-8")
    assert Changelog.read(path) == logged(changes)


@unhurried
@given(st.lists(CHANGES, max_size=4))
@example([Change(table="a`b``|\n", kind=Kind.COLUMN_ADDED, column="` ` ", breaking=True)])
@example([Change(table="\u2028<b>*", kind=Kind.DEFAULT_CHANGED, column="`", before="", after="` ")])
def test_markdown_mentions_every_change_whatever_its_names_hold(changes: list[Change]) -> None:
    text = logged(changes).to_markdown()
    lines = [line for line in text.splitlines() if line.startswith(("- **", "  - "))]
    assert len(lines) == len(changes)
    codes = {
        part.content
        for token in MarkdownIt().parse(text)
        for part in token.children or ()
        if part.type == "code_inline"
    }
    for change in changes:
        name = change.column or change.table
        if change.breaking and change.column:
            name = f"{change.table}.{change.column}"
        if name.isprintable() and name.strip():
            assert name in codes
