"""Two analyses of a source tell what changed, what that breaks, and a changelog keeps it."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendental_pipeline.analysis.changes import Change, Kind, compare
from opendental_pipeline.analysis.structure import ColumnShape, Structure, same_tables, structure_of
from opendental_pipeline.databases.table import Column, Table

Tables = Mapping[str, Structure]

unhurried = settings(deadline=None, database=None)


def shape(kind: str, *, null: bool = False, default: str | None = None, extra: str = "") -> Any:
    return ColumnShape(type=kind, nullable=null, default=default, extra=extra)


def table(*key: str, **columns: str | ColumnShape) -> Structure:
    """A table of columns that are NOT NULL and have no default, where only a type is given."""
    shapes = {name: shape(c) if isinstance(c, str) else c for name, c in columns.items()}
    return Structure(columns=shapes, primary_key=key)


PATIENT = table("PatNum", PatNum="bigint(20)", LName="varchar(100)", Email="varchar(100)")


def told(before: Tables, after: Tables) -> list[tuple[Any, ...]]:
    """Every change as its kind, name, before, after and whether it breaks."""
    return [
        (
            change.kind.value,
            ".".join(filter(None, (change.table, change.column))),
            change.before,
            change.after,
            change.breaking,
        )
        for change in compare(before, after)
    ]


def changes_of(before: Structure, after: Structure) -> list[tuple[Any, ...]]:
    return told({"t": before}, {"t": after})


# Tables


def test_a_new_table_breaks_nothing() -> None:
    expected = [("table added", "patient", None, "PatNum, LName, Email", False)]
    assert told({}, {"patient": PATIENT}) == expected


def test_a_removed_table_breaks_its_readers() -> None:
    expected = [("table removed", "patient", "PatNum, LName, Email", None, True)]
    assert told({"patient": PATIENT}, {}) == expected


def test_a_table_that_reappears_under_another_name_was_renamed() -> None:
    expected = [("table renamed", "patient", "patient", "client", True)]
    assert told({"patient": PATIENT}, {"client": PATIENT}) == expected


@pytest.mark.parametrize(
    "other",
    [
        table("PatNum", PatNum="bigint(20)", LName="varchar(100)", Phone="varchar(100)"),
        table("LName", PatNum="bigint(20)", LName="varchar(100)", Email="varchar(100)"),
    ],
)
def test_a_table_that_changed_with_its_name_was_removed_and_added(other: Structure) -> None:
    kinds = [kind for kind, *_ in told({"patient": PATIENT}, {"client": other})]
    assert kinds == ["table added", "table removed"]


@pytest.mark.parametrize(("old", "new"), [("ab", "c"), ("a", "bc")])
def test_two_tables_alike_are_not_guessed_to_be_renamed(old: str, new: str) -> None:
    changes = compare(dict.fromkeys(old, PATIENT), dict.fromkeys(new, PATIENT))
    assert {change.kind for change in changes} == {Kind.TABLE_ADDED, Kind.TABLE_REMOVED}


def test_tables_of_one_column_are_too_alike_to_be_renamed() -> None:
    flag = table(Flag="int")
    assert len(told({"old": flag}, {"new": flag})) == 2


def test_a_table_whose_name_changed_in_case_only_was_renamed_and_its_columns_are_compared() -> None:
    longer = table("PatNum", PatNum="bigint(20)", LName="varchar(255)", Email="varchar(100)")
    assert told({"Patient": PATIENT}, {"patient": longer}) == [
        ("table renamed", "Patient", "Patient", "patient", True),
        (
            "column retyped",
            "Patient.LName",
            "varchar(100) not null",
            "varchar(255) not null",
            False,
        ),
    ]


# Columns


def test_a_new_column_breaks_nothing() -> None:
    after = table(A="int", B=shape("varchar(9)", null=True, default="''"))
    expected = [("column added", "t.B", None, "varchar(9) null default ''", False)]
    assert changes_of(table(A="int"), after) == expected


def test_a_removed_column_breaks_its_readers() -> None:
    expected = [("column removed", "t.B", "int not null", None, True)]
    assert changes_of(table(A="int", B="int"), table(A="int")) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (table(A="int", X="text", B="int"), table(A="int", Y="text", B="int")),
        (table(X="text", B="int"), table(Y="text", B="int")),
        (table(A="int", X="text"), table(A="int", New="int", Y="text")),
        (table(A="int", X="text", P="date"), table(A="int", Y="text", Q="datetime")),
        (table(A="int", X="text", B="int", C="int"), table(a="int", Y="text", B="bigint", C="int")),
    ],
)
def test_a_column_of_the_same_definition_at_the_same_place_was_renamed(
    before: Structure, after: Structure
) -> None:
    assert ("column renamed", "t.X", "X", "Y", True) in changes_of(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            table(A="int", X="text", B="int"), table(A="int", Y="date", B="int"), id="another type"
        ),
        pytest.param(
            table(A="int", X="text", B="int"), table(A="int", B="int", Y="text"), id="another place"
        ),
        pytest.param(
            table(A="int", X="text", B="int", C="int"),
            table(A="int", Y="text", C="int", B="int"),
            id="another column after it",
        ),
        pytest.param(
            table(A="int", B="int", X="text", C="int"),
            table(B="int", A="int", Y="text", C="int"),
            id="another column before it",
        ),
        pytest.param(
            table(A="int", X="text"), table(A="int", Y="text", Z="text"), id="two candidates"
        ),
        pytest.param(
            table(A="int", X="text", W="text"), table(A="int", Y="text"), id="two that could be it"
        ),
    ],
)
def test_a_column_that_may_not_be_the_same_was_removed_and_added(
    before: Structure, after: Structure
) -> None:
    kinds = {kind for kind, *_ in changes_of(before, after)}
    assert kinds == {"column removed", "column added"}


def test_a_column_with_another_default_is_not_the_same() -> None:
    before, after = table(X=shape("int", default="0")), table(Y=shape("int", default="1"))
    assert [kind for kind, *_ in changes_of(before, after)] == ["column removed", "column added"]


def test_a_column_whose_name_changed_in_case_only_was_renamed_wherever_it_stands() -> None:
    assert changes_of(table(A="int", eMail="text"), table(Email="longtext", A="int")) == [
        ("column renamed", "t.eMail", "eMail", "Email", True),
        ("column retyped", "t.eMail", "text not null", "longtext not null", False),
    ]


def test_another_order_of_the_columns_is_no_change() -> None:
    assert changes_of(table(A="int", B="text"), table(B="text", A="int")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tinyint", "smallint"),
        ("int(11)", "bigint(20)"),
        ("int(10) unsigned", "bigint(20) unsigned"),
        ("varchar(100)", "varchar(255)"),
        ("char(2)", "char(10)"),
        ("varbinary(16)", "varbinary(32)"),
        ("text", "mediumtext"),
        ("tinytext", "longtext"),
        ("blob", "longblob"),
        ("decimal(10,2)", "decimal(12,2)"),
        ("enum('a')", "enum('a','b')"),
        ("enum('a not null','it''s')", "enum('a not null','it''s',',')"),
        ("set('a','b')", "set('a','b','c')"),
    ],
)
def test_more_room_in_a_column_breaks_nothing_and_less_does(before: str, after: str) -> None:
    wider = changes_of(table(A=before), table(A=after))
    assert wider == [("column retyped", "t.A", f"{before} not null", f"{after} not null", False)]
    narrower = changes_of(table(A=after), table(A=before))
    assert [(kind, breaking) for kind, *_, breaking in narrower] == [("column retyped", True)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int", "int unsigned"),
        ("int unsigned", "bigint"),
        ("int", "double"),
        ("tinyint", "text"),
        ("varchar(9)", "char(20)"),
        ("varchar(255)", "text"),
        ("binary(8)", "binary(16)"),
        ("bit(1)", "bit(8)"),
        ("text", "longblob"),
        ("decimal(10,2)", "decimal(12,4)"),
        ("decimal(10,2)", "decimal(12,2) unsigned"),
        ("date", "datetime"),
        ("enum('a','b')", "enum('b','a','c')"),
        ("enum('a')", "enum('a''','b')"),
        ("enum('a')", "set('a','b')"),
        ("enum('a')", "varchar(20)"),
    ],
)
def test_another_kind_of_values_breaks_the_readers(before: str, after: str) -> None:
    ((kind, *_, breaking),) = changes_of(table(A=before), table(A=after))
    assert (kind, breaking) == ("column retyped", True)


@pytest.mark.parametrize(
    "after",
    [
        shape("varchar(20)", null=True),
        shape("varchar(20)", extra="STORED GENERATED"),
        shape("varchar(20)", null=True, default="'x'"),
    ],
)
def test_a_column_that_turns_nullable_or_generated_breaks_even_with_more_room(
    after: ColumnShape,
) -> None:
    ((kind, _, old, new, breaking),) = changes_of(table(A="varchar(10)"), table(A=after))
    assert (kind, old, new, breaking) == (
        "column retyped",
        "varchar(10) not null",
        str(after),
        True,
    )


@pytest.mark.parametrize(
    ("before", "after"), [(None, "0"), ("0", None), ("'a'", "'b'"), ("", "'x'"), ("'NULL'", None)]
)
def test_another_default_breaks_nothing(before: str | None, after: str | None) -> None:
    old, new = table(A=shape("int", default=before)), table(A=shape("int", default=after))
    assert changes_of(old, new) == [("default changed", "t.A", before, after, False)]


def test_a_default_that_changed_with_the_type_is_told_with_it() -> None:
    before, after = shape("int", default="0"), shape("bigint", default="1")
    assert changes_of(table(A=before), table(A=after)) == [
        ("column retyped", "t.A", "int not null default 0", "bigint not null default 1", False)
    ]


STAMP = "on update current_timestamp()"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (shape("int(11)"), shape("int")),
        (shape("tinyint(3) unsigned"), shape("tinyint unsigned")),
        (shape("year(4)"), shape("year")),
        (shape("datetime /* mariadb-5.3 */"), shape("datetime")),
        (shape("text", null=True, default="NULL"), shape("text", null=True)),
        (shape("date", default="'0001-01-01'"), shape("date", default="0001-01-01")),
        (
            shape("timestamp", default="current_timestamp()", extra=STAMP),
            shape(
                "timestamp",
                default="CURRENT_TIMESTAMP",
                extra="DEFAULT_GENERATED on update CURRENT_TIMESTAMP",
            ),
        ),
    ],
)
def test_another_server_that_spells_a_definition_differently_is_no_change(
    before: ColumnShape, after: ColumnShape
) -> None:
    assert changes_of(table(A=before), table(A=after)) == []
    assert changes_of(table(A=after), table(A=before)) == []


def test_a_comment_among_the_values_of_an_enum_is_a_value() -> None:
    ((kind, *_),) = changes_of(table(A="enum('a /* b */')"), table(A="enum('a')"))
    assert kind == "column retyped"


# Keys


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        (("A",), ("A", "B"), "A", "A, B"),
        (("A", "B"), ("B", "A"), "A, B", "B, A"),
        ((), ("A",), None, "A"),
        (("A",), (), "A", None),
    ],
)
def test_another_key_breaks_the_readers(
    before: tuple[str, ...], after: tuple[str, ...], old: str | None, new: str | None
) -> None:
    changes = changes_of(table(*before, A="int", B="int"), table(*after, A="int", B="int"))
    assert changes == [("key changed", "t", old, new, True)]


def test_a_key_whose_column_was_renamed_is_the_same_key() -> None:
    changes = changes_of(table("A", A="int", B="text"), table("Z", Z="int", B="text"))
    assert changes == [("column renamed", "t.A", "A", "Z", True)]


# What it breaks


def models(name: str, column: str) -> tuple[str, ...]:
    return (
        (f"stg_{name}", f"mart_{column}", "e", "d", f"stg_{name}") if column else (f"int_{name}",)
    )


def test_breaking_changes_name_the_dbt_models_by_the_names_these_know() -> None:
    before = {
        "gone": table(A="int"),
        "old": table(A="int", B="text"),
        "t": table("A", A="int", B="text", C="int", D="int"),
    }
    after = {
        "fresh": table(A="int"),
        "new": table(A="int", B="text"),
        "t": table(A="int", b="text", C="bigint", E="date"),
    }
    assert {
        (change.kind.value, change.table, change.column): change.breaks
        for change in compare(before, after, models)
    } == {
        ("table removed", "gone", None): ("int_gone",),
        ("table added", "fresh", None): (),
        ("table renamed", "old", None): ("int_old",),
        ("key changed", "t", None): ("int_t",),
        ("column renamed", "t", "B"): ("d", "e", "mart_B", "stg_t"),
        ("column retyped", "t", "C"): (),
        ("column removed", "t", "D"): ("d", "e", "mart_D", "stg_t"),
        ("column added", "t", "E"): (),
    }


# Any two structures

FEW = st.sampled_from(["A", "a", "B", "b", "C", "D", "E"])
TYPES = st.sampled_from(["int", "int(11)", "bigint", "text", "enum('a not null','b')"])
SHAPES = st.builds(
    ColumnShape,
    type=TYPES,
    nullable=st.booleans(),
    default=st.sampled_from([None, "NULL", "''", "0"]),
)
STRUCTURES = st.builds(
    lambda columns, size: Structure(columns=columns, primary_key=tuple(columns)[:size]),
    st.dictionaries(FEW, SHAPES, max_size=6),
    st.integers(0, 2),
)
SCHEMAS = st.dictionaries(FEW, STRUCTURES | st.just(PATIENT), max_size=5)


def reverse(schema: Tables) -> Tables:
    """The same tables in reverse order."""
    return {name: schema[name] for name in reversed(list(schema))}


def names(changes: list[Change], field: str, *kinds: Kind) -> list[Any]:
    """A field of the changes of some kinds."""
    return [getattr(change, field) for change in changes if change.kind in kinds]


@unhurried
@given(SCHEMAS)
def test_nothing_changed_between_equal_schemas(schema: Tables) -> None:
    assert compare(schema, reverse(schema)) == ()


@unhurried
@given(SCHEMAS, SCHEMAS)
def test_the_order_of_the_tables_does_not_matter(before: Tables, after: Tables) -> None:
    assert compare(reverse(before), reverse(after)) == compare(before, after)


@unhurried
@given(SCHEMAS, SCHEMAS)
def test_the_changes_account_for_every_table_once(before: Tables, after: Tables) -> None:
    changes = list(compare(before, after))
    lost = names(changes, "table", Kind.TABLE_REMOVED, Kind.TABLE_RENAMED)
    gained = names(changes, "table", Kind.TABLE_ADDED) + names(changes, "after", Kind.TABLE_RENAMED)
    assert sorted(lost) == sorted(before.keys() - after.keys())
    assert sorted(gained) == sorted(after.keys() - before.keys())


@unhurried
@given(SCHEMAS, SCHEMAS)
def test_the_changes_account_for_every_column_once(before: Tables, after: Tables) -> None:
    everything = compare(before, after)
    for name, new_name in same_tables(before, after).items():
        old, new = before[name].columns, after[new_name].columns
        changes = [change for change in everything if change.table == name and change.column]
        renamed = Kind.COLUMN_RENAMED
        lost = names(changes, "column", Kind.COLUMN_REMOVED, renamed)
        gained = names(changes, "column", Kind.COLUMN_ADDED) + names(changes, "after", renamed)
        assert sorted(lost) == sorted(old.keys() - new.keys())
        assert sorted(gained) == sorted(new.keys() - old.keys())
        redefined = names(changes, "column", Kind.COLUMN_RETYPED, Kind.DEFAULT_CHANGED)
        later = {c.column: str(c.after) for c in changes if c.kind is renamed}
        stayed = old.keys() - names(changes, "column", Kind.COLUMN_REMOVED)
        assert sorted(redefined) == sorted(
            c for c in stayed if old[c].normal != new[later.get(c, c)].normal
        )


# The catalogue


def test_a_table_of_the_catalogue_has_the_structure_that_is_compared() -> None:
    column = Column("LName", "varchar", "varchar(100)", nullable=True, default="''")
    described = Table(
        name="patient",
        engine="MyISAM",
        rows=0,
        size=0,
        updated_at=None,
        columns=(column,),
        primary_key=("LName",),
    )
    assert structure_of(described) == table(
        "LName", LName=shape("varchar(100)", null=True, default="''")
    )
