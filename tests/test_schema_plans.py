"""Plans of schema changes, on plain data: what they lead to, what they leave, what they say."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from destinations.copied_column import HASH_COMMENT, copied, key_mismatch
from destinations.create_table import alter_table
from destinations.evolve_raw import RawTable, plan_raw
from destinations.evolve_replication import plan_replica
from destinations.schema_changes import Change, ColumnChange, KeyChange, SchemaPlan, describe
from destinations.type_widening import can_hold
from opendental_pipeline.databases.server import Flavor, Server
from opendental_pipeline.databases.table import Column, Table
from opendental_pipeline.databases.type_mapping import type_rule

COLLATIONS = ("utf8mb4_general_ci", "latin1_swedish_ci", "utf8mb4_bin", "ascii_bin")
SERVER = Server(Flavor.MARIADB, (10, 11), collations=frozenset(COLLATIONS))
NAMES = st.lists(
    st.sampled_from(("Num", "Fee", "FEE", "Note", "Kind", "Day")), min_size=1, unique_by=str.lower
)
CHARSETS = (("utf8mb4", "utf8mb4_general_ci"), ("latin1", "latin1_swedish_ci"))
NUMBERS = ("int(11)", "int", "int unsigned", "bigint(20)", "date")
TEXTS = {
    **{"varchar(5)": 5, "varchar(50)": 50, "char(20)": 20, "text": 65_535},
    **{
        "enum('a')": 1,
        "enum('a','b')": 1,
        "enum('b','a','?')": 1,
        "set('a')": 1,
        "set('b','a')": 3,
    },
}

on_plain_data = settings(max_examples=200, deadline=None, database=None)


@st.composite
def some_columns(draw: st.DrawFn, name: str, *, in_copy: bool) -> Column:
    kind = draw(st.sampled_from((*NUMBERS, *TEXTS)))
    charset, collation = draw(st.sampled_from(CHARSETS)) if kind in TEXTS else (None, None)
    column = Column(
        name,
        data_type=kind.split("(")[0].split()[0],
        column_type=kind,
        nullable=draw(st.booleans()),
        length=TEXTS.get(kind),
        charset=charset,
        collation=collation,
        default=draw(st.sampled_from([None, "NULL", "'x'"])),
    )
    hashed = draw(st.sampled_from([False, False, True]))
    if not in_copy:
        return replace(column, hashed="key" if hashed else "")
    return replace(copied(column, SERVER), comment=HASH_COMMENT if hashed else "")


@st.composite
def some_tables(draw: st.DrawFn, *, in_copy: bool) -> Table:
    names = tuple(draw(NAMES))
    return Table(
        "visit",
        engine="InnoDB",
        rows=0,
        size=0,
        updated_at=None,
        columns=tuple(draw(some_columns(name, in_copy=in_copy)) for name in names),
        primary_key=draw(st.sampled_from([(), names[:1], names[:2]])),
        indexes={"by_first": names[:1]},
    )


def carried_out(plan: SchemaPlan, table: Table) -> Table:
    """The table that a plan leads to."""
    columns = {column.name: column for column in table.columns}
    for change in plan.columns:
        columns.pop(change.have.name, None)
        if Change.EXCLUDE not in change.kinds:
            columns[change.want.name] = change.want
    indexes = {name: parts for name, parts in table.indexes.items() if name not in plan.indexes}
    key = plan.key.want if plan.key else table.primary_key
    return replace(table, columns=tuple(columns.values()), indexes=indexes, primary_key=key)


@on_plain_data
@given(some_tables(in_copy=False), some_tables(in_copy=True), NAMES, st.booleans())
def test_a_copy_holds_the_sources_table_when_its_plan_is_carried_out(
    table: Table, replica: Table, excluded: list[str], listed: bool
) -> None:
    excluded = [name for name in excluded if listed and not table.has(name)]
    plan = plan_replica(excluded, table, replica, SERVER, altered=True)
    after = carried_out(plan, replica)
    for column in table.columns:
        held, want = after.column(column.name), copied(column, SERVER)
        assert can_hold(held, want)
        assert held.nullable or not want.nullable or want.name in table.primary_key
        assert (held.comment == HASH_COMMENT) == bool(column.hashed)
    names = {column.name.lower() for column in table.columns}
    for column in replica.columns:
        assert after.has(column.name) != (column.name in excluded) or column.name.lower() in names
    for column in after.columns:
        if column.name.lower() not in names:
            assert column.nullable and column.default in (None, "NULL")
    assert [name.lower() for name in after.primary_key] == [n.lower() for n in table.primary_key]
    again = plan_replica(excluded, table, after, SERVER, altered=True)
    assert alter_table(table, again) == ""
    assert {kind for change in again.columns for kind in change.kinds} <= {Change.RETIRE}


@on_plain_data
@given(some_tables(in_copy=False), some_tables(in_copy=True))
def test_a_type_stays_where_the_source_was_not_altered(table: Table, replica: Table) -> None:
    plan = plan_replica((), table, replica, SERVER, altered=False)
    listed = {column.name.lower() for column in table.columns if column.lists_all}
    assert {Change.RETYPE, Change.RELAX}.isdisjoint(
        kind
        for change in plan.columns
        for kind in change.kinds
        if change.want.name.lower() in listed and Change.RENAME not in change.kinds
    )
    for change in plan.columns:
        if Change.RECODE in change.kinds:
            assert change.have.collation != change.want.collation


@on_plain_data
@given(some_tables(in_copy=False), st.booleans())
def test_a_copy_that_was_just_made_needs_no_change(table: Table, altered: bool) -> None:
    columns = tuple(copied(column, SERVER) for column in table.columns)
    replica = replace(table, columns=columns, indexes={})
    assert plan_replica((), table, replica, SERVER, altered=altered) == SchemaPlan()


@on_plain_data
@given(some_tables(in_copy=False), some_tables(in_copy=True))
def test_an_index_goes_only_with_the_type_of_one_of_its_columns(
    table: Table, replica: Table
) -> None:
    plan = plan_replica((), table, replica, SERVER, altered=True)
    altered = {
        change.have.name
        for change in plan.columns
        if text_type(change.have) != text_type(change.want)
        # an index goes with a column that is replaced
        and {Change.HASH, Change.SHOW}.isdisjoint(change.kinds)
    }
    first = replica.columns[0].name
    assert plan.indexes == (("by_first",) if first in altered else ())


def text_type(column: Column) -> tuple[str | None, ...]:
    return column.column_type, column.charset, column.collation


TYPES = st.dictionaries(
    st.sampled_from(["Num", "Fee", "FEE", "Note"]),
    st.sampled_from(["integer", "bigint", "text", "jsonb"]),
    min_size=1,
)


@on_plain_data
@given(TYPES, TYPES, st.booleans(), st.booleans())
def test_raw_has_the_types_and_the_key_that_were_wanted_and_keeps_all_other_columns(
    have: dict[str, str], want: dict[str, str], was_keyed: bool, is_keyed: bool
) -> None:
    one = RawTable.of(have, list(have)[:1] if was_keyed else ())
    other = RawTable.of(want, list(want)[:1] if is_keyed else ())
    at_once, later = plan_raw(one, other)
    types, key = dict(have), one.key
    for plan in (at_once, later):
        types |= {change.want.name: change.want.column_type for change in plan.columns}
        key = plan.key.want if plan.key else key
    assert (types, key) == (have | want, other.key)
    assert [change.want.name for change in at_once.columns] == [n for n in want if n not in have]
    assert plan_raw(RawTable.of(types, key), other) == (SchemaPlan(), SchemaPlan())


INT = Column("Fee", "int", "int(11)", nullable=False)
TEXT = Column("Note", "text", "text", True, charset="latin1", collation="latin1_swedish_ci")
WIDE = replace(TEXT, charset="utf8mb4", collation="utf8mb4_bin")
HASHED = copied(replace(INT, hashed="key"), SERVER)

PLAN = SchemaPlan(
    (
        ColumnChange((Change.EXCLUDE,), INT, INT),
        ColumnChange((Change.ADD,), WIDE, WIDE),
        ColumnChange((Change.HASH,), INT, HASHED),
        ColumnChange((Change.SHOW,), HASHED, INT),
        ColumnChange((Change.RENAME,), INT, replace(INT, name="FEE")),
        ColumnChange((Change.RECODE,), TEXT, WIDE),
        ColumnChange((Change.RETYPE,), TEXT, INT),
        ColumnChange((Change.RELAX,), INT, replace(INT, nullable=True)),
        ColumnChange((Change.RETIRE,), INT, replace(INT, nullable=True)),
        ColumnChange((Change.RETIRE,), TEXT, TEXT),
    ),
    indexes=("by_fee",),
    key=KeyChange(("Fee",), ("Note",)),
)
KEYED = Table("visit", "InnoDB", 0, 0, None, (WIDE,), primary_key=("Note",))


def test_a_person_reads_a_sentence_for_each_thing_that_happens() -> None:
    assert describe(PLAN) == (
        "column Fee is excluded now, and its values are gone",
        "column Note was added",
        "column Fee is hashed now",
        "column Fee is copied in clear now",
        "column Fee is called FEE now",
        "column Note was stored as latin1 and is utf8mb4 now",
        "column Fee is int now",
        "column Fee may be NULL now",
        "column Fee is gone at the source; NULL in new rows",
        "column Note is gone at the source; NULL in new rows",
        "index by_fee was removed, since the type of a column changed",
        "its primary key is Note now",
    )
    assert describe(SchemaPlan(key=KeyChange(("Fee",), ()))) == ("it has no primary key now",)


def test_a_plan_is_one_statement_and_none_if_nothing_has_to_be_altered() -> None:
    hashed = "`Fee` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'keyed hash'"
    wide = "`Note` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL"
    assert alter_table(KEYED, PLAN) == (
        "ALTER TABLE `visit` DROP COLUMN `Fee`"
        f", ADD COLUMN {wide}"
        f", DROP COLUMN `Fee`, ADD COLUMN {hashed}"
        ", DROP COLUMN `Fee`, ADD COLUMN `Fee` int(11) NOT NULL"
        ", CHANGE COLUMN `Fee` `FEE` int(11) NOT NULL"
        f", CHANGE COLUMN `Note` {wide}"
        ", CHANGE COLUMN `Note` `Fee` int(11) NOT NULL"
        ", CHANGE COLUMN `Fee` `Fee` int(11) NULL"
        ", CHANGE COLUMN `Fee` `Fee` int(11) NULL"
        ", DROP KEY `by_fee`, DROP PRIMARY KEY, ADD PRIMARY KEY (`Note`)"
    )
    told_only = SchemaPlan((ColumnChange((Change.RETIRE,), TEXT, TEXT),))
    assert alter_table(KEYED, told_only) == ""


FLAVORS = {
    Flavor.MYSQL: ("utf8mb4_0900_ai_ci", "utf8mb4_0900_bin", "gb18030_bin", "gb18030_chinese_ci"),
    Flavor.MARIADB: ("utf8mb4_uca1400_ai_ci", "utf8mb4_nopad_bin", "latin1_nopad_bin"),
}
SHARED = ("utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci", "latin1_bin", "ascii_bin")
UTF8 = ("utf8_general_ci", "utf8_bin")
OWN = ("json", "uuid", "inet4", "inet6", "xmltype", "vector", "point", "geometrycollection")
PLAIN = ("varchar(9)", "longtext", "longblob", "tinytext", "text", "int", *OWN)


@st.composite
def some_servers(draw: st.DrawFn) -> Server:
    flavor = draw(st.sampled_from([*FLAVORS]))
    renamed = draw(st.booleans())
    utf8 = (name.replace("utf8_", "utf8mb3_") if renamed else name for name in UTF8)
    version = draw(
        st.sampled_from([(8, 0), (9, 7)] if flavor is Flavor.MYSQL else [(10, 5), (12, 3)])
    )
    return Server(flavor, version, collations=frozenset((*SHARED, *FLAVORS[flavor], *utf8)))


@st.composite
def columns_of(draw: st.DrawFn, server: Server) -> Column:
    """A column as some server may have it."""
    kind = draw(st.sampled_from([one for one in PLAIN if server.holds(one) or one == "json"]))
    is_text = "text" in kind or "char" in kind
    collation = draw(st.sampled_from(sorted(server.collations))) if is_text else None
    return Column(
        "c",
        data_type=kind.partition("(")[0],
        column_type=kind,
        nullable=draw(st.booleans()),
        length={"varchar(9)": 9, "tinytext": 255, "text": 65_535}.get(kind),
        charset=collation.partition("_")[0] if collation else None,
        collation=collation,
        comment=draw(st.sampled_from(["", "json as text", "the clinic's own"])),
    )


@on_plain_data
@given(st.data(), some_servers(), some_servers(), st.booleans())
def test_a_copy_has_only_what_its_server_knows_and_tells_apart_what_the_source_does(
    data: st.DataObject, source: Server, replication: Server, in_key: bool
) -> None:
    column = data.draw(columns_of(source))
    held = copied(column, replication, in_key=in_key)
    assert replication.holds(held.data_type)
    assert held.collation is None or held.collation in replication.collations
    assert (held.collation or "").startswith(held.charset or "")
    # raw has the same type, wherever the copy stands
    assert type_rule(held).postgres(held) == type_rule(replace(column, comment="")).postgres(column)
    if column.collation and plain(held.collation) != plain(column.collation):
        assert str(held.collation).endswith("_bin")
        # blanks at the ends of a key count, since they may at the source
        assert not in_key or str(held.collation).endswith(("_nopad_bin", "_0900_bin"))
        known = {plain(name).partition("_")[0] for name in replication.collations}
        if not in_key and plain(column.charset) in known:
            assert plain(held.charset) == plain(column.charset)
    if column.charset != held.charset and held.charset == "utf8mb4" and is_narrow(column):
        assert held.data_type != column.data_type
    table = Table("t", "InnoDB", 0, 0, None, (column,), primary_key=("c",))
    replica = replace(table, columns=(held,))
    same = plain(held.collation) == plain(column.collation)
    assert bool(key_mismatch(table, replica)) == bool(column.collation and not same)
    # and it stays as it is, whatever the server learns
    if not in_key:
        knowing = replace(replication, collations=replication.collations | source.collations)
        if plain(held.charset) == plain(column.charset):
            plan = plan_replica(
                (),
                replace(table, primary_key=()),
                replace(replica, primary_key=()),
                knowing,
                altered=False,
            )
            assert alter_table(table, plan) == ""


def is_narrow(column: Column) -> bool:
    """Whether a text in utf8mb4 of its type has no room for its characters."""
    return column.data_type in ("tinytext", "text") and plain(column.charset) not in (
        *("utf8mb3", "utf8mb4"),
    )


def plain(name: str | None) -> str:
    """A charset or collation by the newer name of three-byte UTF-8."""
    return f"{name}_".replace("utf8_", "utf8mb3_", 1).removesuffix("_")
