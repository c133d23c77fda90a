"""Two hops as dlt does them by itself: `plain_dlt.py load TABLE` or `plain_dlt.py night`.

A program of its own, so that Python's start and dlt's imports count as they do for ours. The
databases are PLAIN_SOURCE, PLAIN_REPLICATION and PLAIN_ANALYTICS in the environment, as URLs.
"""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import dlt
import sqlalchemy as sa
from dlt.extract import DltResource, DltSource
from dlt.sources.sql_database import sql_database, sql_table

DATASET = "raw"


@dataclass(frozen=True)
class Table:
    """A table, and how a night finds what is new in it.

    Attributes:
        name: of the table.
        key: its primary key's column.
        moving: the column that moves with each edit, None without one.
    """

    name: str
    key: str
    moving: str | None

    def renamed(self, normalize: Callable[[str], str]) -> "Table":
        """The same with dlt's spelling of its names."""
        moving = normalize(self.moving) if self.moving else None
        return Table(normalize(self.name), normalize(self.key), moving)

    def read_changes(self, resource: DltResource) -> None:
        """Makes a resource read what a night has to.

        With a moving column, new and edited rows. Without one, only rows with a higher key: that
        misses edits, which ours does not, but spares dlt the reading of whole tables.
        """
        cursor = dlt.sources.incremental[object](self.moving or self.key)
        if self.moving:
            resource.apply_hints(
                incremental=cursor, write_disposition="merge", primary_key=self.key
            )
        else:
            resource.apply_hints(incremental=cursor)


def read(address: str, table: str) -> DltResource:
    """dlt's resource of a table, with the least help without which it cannot load OpenDental's."""
    return sql_table(address, table=table, table_adapter_callback=allow_null)


def changes(engine: sa.Engine, tables: Iterable[Table]) -> DltSource:
    """dlt's source of many tables, reflected at once, as a night reads it."""
    wanted = list(tables)
    source = sql_database(
        engine, table_names=[table.name for table in wanted], table_adapter_callback=allow_null
    )
    for table in wanted:
        table.read_changes(source.resources[table.name])
    return source


def allow_null(table: sa.Table) -> None:
    """A zero date is no date for dlt: it puts NULL there and the text into a column beside it."""
    for column in table.columns:
        column.nullable = not column.primary_key


def main(what: str, *names: str) -> int:
    """Run both hops."""
    source, replication, analytics = (
        os.environ[f"PLAIN_{tier}"] for tier in ("SOURCE", "REPLICATION", "ANALYTICS")
    )
    first = dlt.pipeline(
        "plain_first_hop",
        destination=dlt.destinations.sqlalchemy(replication),
        dataset_name=sa.make_url(replication).database or "",
    )
    second = dlt.pipeline(
        "plain_second_hop",
        destination=dlt.destinations.postgres(analytics),
        dataset_name=DATASET,
    )
    if what == "load":
        first.run([read(source, name) for name in names], write_disposition="replace")
        second.run([read(replication, name) for name in names], write_disposition="replace")
    else:
        engine = sa.create_engine(source)
        tables = list(clinic_tables(engine))
        first.run(changes(engine, tables))
        spell = first.default_schema.naming.normalize_identifier
        copy = sa.create_engine(replication)
        # dlt makes no table for a resource that has never had a row.
        there = set(sa.inspect(copy).get_table_names())
        copied = [table.renamed(spell) for table in tables]
        second.run(changes(copy, (table for table in copied if table.name in there)))
    return 0


def clinic_tables(engine: sa.Engine) -> Iterable[Table]:
    """All tables of the clinic, from its catalogue."""
    query = (
        "SELECT table_name, MAX(IF(column_key = 'PRI', column_name, NULL)),"
        " MAX(IF(extra LIKE 'on update%', column_name, NULL))"
        " FROM information_schema.columns WHERE table_schema = DATABASE()"
        " GROUP BY table_name ORDER BY table_name"
    )
    with engine.connect() as connection:
        rows = connection.execution_options(no_parameters=True).exec_driver_sql(query)
        return [Table(row[0], row[1], row[2]) for row in rows]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
