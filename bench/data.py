"""The data: one wide MyISAM table of many rows, a clinic of 410 small tables, long texts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from bench.servers import connect_to, execute, number, remake
from demo import clinic, shape
from demo.servers import Cluster
from demo.shape import Column, Table

TABLE = "procedurelog"
TEXTS_TABLE = "emailmessage"
# The changes stay away from it: the pipeline reads there whether OpenDental is being upgraded.
SETTINGS_TABLE = "preference"
# A change of one row that means nothing to anybody.
HARMLESS = f"UPDATE {TABLE} SET BillingNote = CONCAT('waited ', :n) WHERE ProcNum = 1"

TEXT_MB = 30
_LINE = "0123456789abcdef" * 4


def fill_table(
    cluster: Cluster, database: str, rows: int, track: Callable[[range], Iterable[int]]
) -> None:
    """Make a database whose only table is `procedurelog`, with so many rows.

    A clinic's rows are made once and then multiplied by the server. With each multiple the keys
    are other ones, and so are the patient, the fee, a note and the time of the last edit.

    Args:
        cluster: the servers; the database is made at the source.
        database: its name.
        rows: how many.
        track: goes through the multiples and may show progress.
    """
    template = f"{database}_template"
    remake(cluster.source, template)
    owner = connect_to(cluster.source)
    clinic.create(_engine(cluster, template))
    # One row in 24 is a procedure, and the more rows the more patients have some.
    wanted = min(300_000, max(6_000, rows // 3))
    clinic.fill(_engine(cluster, template), rows=wanted, say=lambda _: None)
    seed = int(number(owner, f"SELECT COUNT(*) FROM {template}.{TABLE}"))
    remake(cluster.source, database)
    name = f"{database}.{TABLE}"
    # An index of 20 is made many times faster at the end than row by row.
    execute(
        owner, f"CREATE TABLE {name} LIKE {template}.{TABLE}", f"ALTER TABLE {name} DISABLE KEYS"
    )
    for multiple in track(range(-(-rows // seed))):
        execute(owner, _multiply(name, f"{template}.{TABLE}", multiple, seed, rows))
    execute(
        owner,
        f"ALTER TABLE {name} ENABLE KEYS",
        f"DROP DATABASE {template}",
    )


def copy_table(cluster: Cluster, source: str, database: str, rows: int) -> None:
    """Make a database with the first rows of a table that `fill_table` made.

    Args:
        cluster: the servers.
        source: the database that has the table.
        database: the one that is made.
        rows: how many.
    """
    remake(cluster.source, database)
    into = f"{database}.{TABLE}"
    execute(
        connect_to(cluster.source),
        f"CREATE TABLE {into} LIKE {source}.{TABLE}",
        f"INSERT INTO {into} SELECT * FROM {source}.{TABLE} WHERE ProcNum <= {rows}",
    )


def _multiply(into: str, template: str, multiple: int, seed: int, rows: int) -> str:
    changed = {
        "ProcNum": f"ProcNum + {multiple * seed}",
        "PatNum": f"PatNum + {multiple}",
        "ProcFee": f"ProcFee + {multiple % 7}",
        "BillingNote": f"CONCAT(BillingNote, ' {multiple}')",
        "DateTStamp": f"DateTStamp - INTERVAL {multiple % 1_000} MINUTE",
    }
    names = [column.name for column in shape.read()[TABLE].columns]
    values = ", ".join(changed.get(name, f"`{name}`") for name in names)
    return (
        f"INSERT INTO {into} ({', '.join(f'`{name}`' for name in names)})"
        f" SELECT {values} FROM {template} WHERE ProcNum <= {rows - multiple * seed}"
    )


def fill_clinic(cluster: Cluster, database: str, rows: int) -> int:
    """Make a database with the demo's 410 tables; the number of rows, about what was asked."""
    remake(cluster.source, database)
    engine = _engine(cluster, database)
    clinic.create(engine)
    return sum(clinic.fill(engine, rows=rows, say=lambda _: None).values())


def fill_texts(cluster: Cluster, database: str, rows: int) -> None:
    """Make a database with OpenDental's e-mails, each kept as it came in with its attachments.

    That is where OpenDental has its longest texts; `procedurelog` has none.

    Args:
        cluster: the servers; the database is made at the source.
        database: its name.
        rows: how many, each with a text of TEXT_MB megabytes.
    """
    remake(cluster.source, database)
    execute(
        _engine(cluster, database),
        shape.read()[TEXTS_TABLE].sql,
        "SET sql_mode = ''",
        f"INSERT INTO {TEXTS_TABLE} (Subject, MsgDateTime, RawEmailIn)"
        f" SELECT CONCAT('e-mail ', seq), NOW(),"
        f" REPEAT('{_LINE[:-1]}\\n', {TEXT_MB * 1_000_000 // len(_LINE)}) FROM seq_1_to_{rows}",
    )


@dataclass(frozen=True)
class Change:
    """What was changed in one table of the clinic.

    Attributes:
        table: its name.
        column: a text, whose end says which change it was.
        rows: how many have that end now.
    """

    table: str
    column: str
    rows: int


def change_clinic(engine: sa.Engine, mark: str, *, tables: int = 60) -> list[Change]:
    """Change 0.5 % of the rows, at least one, of tables that have rows.

    Args:
        engine: of the clinic's database, as somebody who may write.
        mark: what the changed texts end with, another one each time.
        tables: how many; half of them with a column that moves with each edit, if there are.
    """
    with engine.connect() as connection:
        connection.execute(sa.text("SET sql_mode = ''"))
        found = {name: column for name, column in _changeable() if _has_rows(connection, name)}
        moving = [name for name in found if _moves(shape.read()[name])]
        others = [name for name in found if name not in moving]
        chosen = others[: max(tables // 2, tables - len(moving))]
        chosen += moving[: tables - len(chosen)]
        return [_change(connection, name, found[name], mark) for name in chosen]


def _changeable() -> Iterator[tuple[str, Column]]:
    """Tables with the last text that no index needs."""
    for table in shape.read().values():
        indexed = {part.partition("(")[0] for index in table.indexes for part in index.columns}
        texts = [
            column
            for column in table.columns
            if column.base.endswith(("varchar", "text"))
            and column.length >= 50
            and column.name not in indexed
        ]
        if texts and table.name != SETTINGS_TABLE:
            yield table.name, texts[-1]


def _moves(table: Table) -> bool:
    return any(column.extra.startswith("on update") for column in table.columns)


def _has_rows(connection: sa.Connection, table: str) -> bool:
    return connection.execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first() is not None


def _change(connection: sa.Connection, table: str, column: Column, mark: str) -> Change:
    key = shape.read()[table].key
    text = f"CONCAT(LEFT(COALESCE(`{column.name}`, ''), {column.length - len(mark)}), :mark)"
    count: int = connection.execute(sa.text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
    rows = max(1, round(count * 0.005))
    connection.execute(
        # Rows from anywhere in the table, others each time.
        sa.text(
            f"UPDATE {table} SET `{column.name}` = {text}"
            f" ORDER BY MD5(CONCAT(`{key}`, :mark)) LIMIT {rows}"
        ),
        {"mark": mark},
    )
    return Change(table, column.name, rows)


def _engine(cluster: Cluster, database: str) -> sa.Engine:
    return sa.create_engine(
        cluster.source.url(database), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
