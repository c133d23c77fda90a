"""A synthetic clinic: OpenDental's schema, and believable rows in a real clinic's proportions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from demo import chart, ledger, office, patients, references, shape, texts, values
from demo.rows import FIRST, KEPT, Block, Cells, Clinic, Maker
from demo.shape import Column, Table

MAKERS = patients.MAKERS | chart.MAKERS | ledger.MAKERS | office.MAKERS
BLOCK = 50_000


def create(engine: sa.Engine) -> None:
    """Create OpenDental's 410 tables in an empty database.

    Args:
        engine: of the database.

    Raises:
        sqlalchemy.exc.OperationalError: one of the tables is there already.
    """
    with engine.connect() as connection:
        create_in(connection)


def create_in(connection: sa.Connection) -> None:
    """The same over a connection."""
    for table in shape.read().values():
        connection.exec_driver_sql(table.sql)


def fill(
    engine: sa.Engine,
    *,
    rows: int = 300_000,
    seed: int = 25,
    today: date = date(2026, 11, 1),
    say: Callable[[str], None] = print,
) -> dict[str, int]:
    """Fill the tables that `create` made. The same arguments give the same rows.

    Args:
        engine: of the database; its server must allow LOAD DATA LOCAL.
        rows: about how many in all. Each table that a real clinic uses gets at least 5 or what
            the real one has, so there are some 1,000 in any case.
        seed: another seed, another clinic.
        today: the clinic's date. Nothing was entered on it or later; only appointments and what
            is due lie ahead.
        say: told what is done.

    Returns:
        The number of rows of each table, 0 for those that a real clinic does not use.

    Raises:
        ValueError: there are rows already, or a value does not fit its column.
    """
    address = engine.url.update_query_dict({"local_infile": "1"})
    loader = sa.create_engine(address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with loader.connect() as connection:
        return fill_in(connection, rows=rows, seed=seed, today=today, say=say)


def fill_in(
    connection: sa.Connection,
    *,
    rows: int,
    seed: int = 25,
    today: date = date(2026, 11, 1),
    say: Callable[[str], None] = print,
) -> dict[str, int]:
    """The same over a connection that commits each statement and may LOAD DATA LOCAL."""
    tables = shape.read()
    counts = _counts(tables, rows)
    clinic = Clinic(today, tables, counts)
    maker = partial(_maker, references.keys(tables))
    say(f"filling {sum(map(bool, counts.values()))} tables with {sum(counts.values()):,} rows")
    order = [*FIRST, *(name for name in tables if name not in FIRST)]
    if connection.exec_driver_sql("SELECT 1 FROM patient LIMIT 1").first():
        raise ValueError("The database has patients already.")
    # No mode, so that the server takes zero dates whatever its own mode is.
    connection.exec_driver_sql("SET sql_mode = ''")
    with TemporaryDirectory() as folder:
        for name in filter(counts.get, order):
            for block in _blocks(clinic, tables[name], seed, maker):
                _load(connection, block, Path(folder) / "rows.tsv")
    return counts


def _counts(tables: Mapping[str, Table], rows: int) -> dict[str, int]:
    """How many rows each table gets: in proportion, but not too few of the small ones."""
    floors = {name: min(table.rows, max(5, rows // 4_000), 1_000) for name, table in tables.items()}
    total = sum(table.rows for table in tables.values())
    share = rows / total
    # What the small tables get beyond their share is taken from the large ones.
    for _round in range(10):
        small = {name for name, floor in floors.items() if floor >= tables[name].rows * share}
        rest = total - sum(tables[name].rows for name in small)
        share = max(0, rows - sum(floors[name] for name in small)) / rest if rest else 0.0
    return {name: max(floors[name], round(tables[name].rows * share)) for name in tables}


def _blocks(
    clinic: Clinic, table: Table, seed: int, maker: Callable[[Table, Column], Maker]
) -> Iterator[Block]:
    """The rows of a table, some at a time, so that a large one needs no more memory."""
    count = clinic.counts[table.name]
    for first in range(1, count + 1, BLOCK):
        random = Random(f"{seed} {table.name} {first}")
        block = Block(clinic, table, first, min(BLOCK, count + 1 - first), random, maker)
        yield block
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if name in KEPT:
                clinic.kept.setdefault(name, []).extend(block[column.name])


def _maker(keys: Mapping[str, str], table: Table, column: Column) -> Maker:
    """Which function makes a column: its own, or one by what the column is."""
    own = MAKERS.get(f"{table.name}.{column.name}")
    if own:
        return own
    if column.name == table.key:
        return _keys
    target = references.target(table, column, keys)
    if target:
        return partial(references.make, table=target)
    return texts.make if column.base.endswith(("char", "text")) else values.make


def _keys(block: Block, _column: Column) -> Cells:
    return list(map(str, block.keys))


def _load(connection: sa.Connection, block: Block, path: Path) -> None:
    columns = [block[column.name] for column in block.table.columns]
    rows = map("\t".join, zip(*columns, strict=True))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    connection.exec_driver_sql(
        f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE `{block.table.name}` CHARACTER SET utf8mb4"
    )
    warning = connection.exec_driver_sql("SHOW WARNINGS").first()
    if warning:
        raise ValueError(f"{block.table.name}: {warning[2]}")
