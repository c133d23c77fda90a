"""The tables of several clinics as one: a view for each name, with `_clinic` as its first column.

Clinics have other versions of OpenDental, so a table may lack columns somewhere, or have another
type. A view is made anew only where the tables are others than it knows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import psycopg2
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from destinations.dependent_views import Views
from destinations.exclusive_lock import cursor_of
from opendental_pipeline.databases.driver_errors import reason
from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.identifiers import postgres_ident
from opendental_pipeline.databases.sql import literal
from opendental_pipeline.planning.source_contract import LOAD_STATUS, OWN_TABLES
from opendental_pipeline.settings.errors import PipelineError, SchemaError

CLINIC = "_clinic"
"""The column that says whose a row is."""

_MARK = "the tables of all clinics, by opendental; made of "

_OF_CLINICS = """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(:schemas)"""

_NAMES = f"""
    SELECT DISTINCT c.relname {_OF_CLINICS} AND c.relname <> ALL(:hidden) ORDER BY c.relname"""

_COLUMNS = f"""
    SELECT t.nspname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM (SELECT c.oid, n.nspname {_OF_CLINICS} AND c.relname = :table) t
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY t.nspname, a.attnum"""

_HIDDEN = sorted(OWN_TABLES - {LOAD_STATUS})
"""Tables without a view; that of the status tells analysts and dbt how fresh each clinic is."""

_PRESENT = """
    SELECT c.relname, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), '')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""

_WIDENINGS = {
    "integer": ("smallint",),
    "bigint": ("smallint", "integer"),
    "numeric": ("smallint", "integer", "bigint"),
    "double precision": ("smallint", "integer", "real"),
    "timestamp without time zone": ("date",),
}
"""What holds every value of some other types as it is; everything else is shown as text."""

Columns = Mapping[str, str]
"""The types of columns, by name and in order."""


@dataclass(frozen=True)
class UnionView:
    """One table of all clinics.

    Attributes:
        name: of the table.
        tables: its columns, by clinic.
        schemas: of the clinics.
    """

    name: str
    tables: Mapping[str, Columns]
    schemas: Mapping[str, str]

    @cached_property
    def columns(self) -> dict[str, str]:
        """All columns that a clinic has, each with a type that holds those of all."""
        types: dict[str, list[str]] = defaultdict(list)
        for columns in self.tables.values():
            for name, kind in columns.items():
                types[name].append(kind)
        return {name: common_type(kinds) for name, kinds in types.items()}

    @cached_property
    def query(self) -> str:
        """What selects the rows of all clinics."""
        return "\nUNION ALL\n".join(self._of_clinic(clinic) for clinic in self.tables)

    def _of_clinic(self, clinic: str) -> str:
        has = self.tables[clinic]
        shown = [f"{literal(clinic)}::text AS {postgres_ident(CLINIC)}"]
        for name, kind in self.columns.items():
            quoted = postgres_ident(name)
            value = quoted if name in has else "NULL"
            cast = "" if has.get(name) == kind else f"::{kind}"
            shown.append(f"{value}{cast} AS {quoted}")
        place = f"{postgres_ident(self.schemas[clinic])}.{postgres_ident(self.name)}"
        return f"SELECT {', '.join(shown)} FROM {place}"

    @property
    def mark(self) -> str:
        """What says in the database of what it is made."""
        return _MARK + hashlib.sha256(self.query.encode()).hexdigest()[:16]


def common_type(kinds: Sequence[str]) -> str:
    """A type that holds the values of some types.

    Args:
        kinds: as PostgreSQL names them.
    """
    distinct = list(dict.fromkeys(kinds))
    if len(distinct) == 1:
        return distinct[0]
    plain = {kind.split("(")[0] for kind in distinct}
    for wide, narrower in _WIDENINGS.items():
        if plain <= {wide, *narrower}:
            return wide
    return "text"


def make_union_views(engine: Engine, schema: str, clinics: Mapping[str, str]) -> Iterator[str]:
    """Makes the views that are missing, or not as the clinics' tables are.

    Args:
        engine: of PostgreSQL.
        schema: of the views, made if it is missing.
        clinics: the schema of each clinic, by its name.

    Yields:
        a sentence for each view that could not be made; all others were.

    Raises:
        sqlalchemy.exc.DBAPIError: the server refused, or is gone.
    """
    with engine.begin() as connection:
        if not sa.inspect(connection).has_schema(schema):
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    with engine.connect() as connection:
        rows = connection.execute(sa.text(_PRESENT), {"schema": schema})
        present = {str(name): (str(kind), str(mark)) for name, kind, mark in rows.tuples()}
    for view in _views(engine, clinics):
        kind, mark = present.get(view.name, ("", _MARK))
        if mark == view.mark:
            continue
        if kind not in ("", "v") or not mark.startswith(_MARK):
            yield (
                f"{schema}.{view.name} is there already and none of ours; drop or rename it, or set"
                " POSTGRES_ANALYTICS_SCHEMA to another schema for the views"
            )
            continue
        try:
            with engine.begin() as connection:
                _make(connection, schema, view, is_there=bool(kind))
        except PipelineError as error:
            yield f"{schema}.{view.name}: {error}"


def _views(engine: Engine, clinics: Mapping[str, str]) -> Iterator[UnionView]:
    """One after the other: hundreds of clinics have millions of columns."""
    schemas = {"schemas": list(clinics.values())}
    with engine.connect() as connection:
        asked = {**schemas, "hidden": _HIDDEN}
        names: list[str] = list(connection.execute(sa.text(_NAMES), asked).scalars())
    for table in names:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        with engine.connect() as connection:
            rows = connection.execute(sa.text(_COLUMNS), {**schemas, "table": table})
            for schema, column, kind in rows.tuples():
                found[str(schema)][str(column)] = str(kind)
        yield UnionView(table, {c: found[s] for c, s in clinics.items() if s in found}, clinics)


def _make(connection: Connection, schema: str, view: UnionView, *, is_there: bool) -> None:
    """Makes a view, and again those that read it.

    Raises:
        SchemaError: somebody else's view does not fit the new one.
    """
    name = f"{postgres_ident(schema)}.{postgres_ident(view.name)}"
    statements = [f"CREATE VIEW {name} AS {view.query}"]
    with closing(cursor_of(connection)) as cursor:
        above = Views(())
        if is_there:
            first, *others = Views.on(cursor, name).views
            above = Views(tuple(others))
            above.drop(cursor)
            # owner and rights stay as they were
            kept = [one for one in first.create if not one.startswith(("CREATE", "COMMENT"))]
            statements = [first.drop, *statements, *kept]
        try:
            for statement in statements:
                cursor.execute(statement)
        except psycopg2.OperationalError:
            raise
        except psycopg2.DatabaseError as error:
            raise SchemaError(f"it cannot be made: {reason(error)}") from None
        above.create(cursor)
    run_sql(connection, f"COMMENT ON VIEW {name} IS {literal(view.mark)}")
