"""A table as the second opinion sees it: its columns at the source and in raw, and its key."""

from dataclasses import dataclass
from functools import cached_property

from opendental_pipeline.databases.identifiers import postgres_identifier
from opendental_pipeline.reconcile.plain_values import WHOLE, ColumnPair
from opendental_pipeline.reconcile.sample_sessions import MySqlSession, RawSession
from opendental_pipeline.settings.errors import SchemaError
from opendental_pipeline.settings.table_config import Deletes, Frequency, TableConfig

_WHOLE_IN_RAW = ("smallint", "integer", "bigint", "numeric")
_UNSEARCHABLE = ("float", "double")


@dataclass(frozen=True)
class SampledTable:
    """A table of both sides.

    Attributes:
        name: at the source.
        schema: of raw.
        columns: those that raw should have as the source shows them.
        key: the columns of the source's primary key, in order.
        rows: how many rows the catalogue says there are.
        soft_delete: whether rows of raw may be marked as deleted.
        judges_extra: whether raw may have no row that the source has not.
    """

    name: str
    schema: str
    columns: tuple[ColumnPair, ...]
    key: tuple[ColumnPair, ...]
    rows: int
    soft_delete: bool
    judges_extra: bool

    @property
    def searchable(self) -> bool:
        """Whether a row can be found by its key, on either side by the key's index."""
        return bool(self.key) and all(
            pair.mysql_type not in _UNSEARCHABLE and (not pair.hint or pair.mysql_type in WHOLE)
            for pair in self.key
        )

    @cached_property
    def has_integer_key(self) -> bool:
        """Whether its key is of whole numbers only, which both sides have in the same order."""
        return bool(self.key) and all(
            pair.mysql_type in WHOLE and pair.postgres_type in _WHOLE_IN_RAW for pair in self.key
        )


def describe(
    source: MySqlSession,
    raw: RawSession,
    schema: str,
    config: TableConfig,
    rows: int,
) -> SampledTable:
    """Asks both sides for a table's columns, and the source for its key.

    Args:
        source: a session at the source.
        raw: a session at raw.
        schema: of raw.
        config: the table's entry in tables.yml.
        rows: how many rows the catalogue says there are.

    Raises:
        QueryFailedError, ConnectionFailedError: a server refused.
        SchemaError: the source has no such table any more.
    """
    name = config.table_name
    found = [row for row in source.query(_description(source.database, name)) if row[1] == _b(name)]
    types = _raw_types(raw, schema, name)
    pairs: dict[str, ColumnPair] = {}
    keys: dict[int, str] = {}
    # the clear value of a hashed column never leaves the source
    hidden = {*config.excluded_columns, *config.hashed_columns}
    for kind, _, column, place, mysql_type, charset, collation in found:
        column_name = _text(column)
        if kind == b"key":
            keys[int(place or 0)] = column_name
        elif column_name not in hidden:
            hint = config.columns.get(column_name)
            data_type = str(hint.data_type) if hint and hint.data_type else ""
            pairs[column_name] = ColumnPair(
                name=column_name,
                raw_name=postgres_identifier(column_name),
                mysql_type=_text(mysql_type).lower(),
                postgres_type=types.get(postgres_identifier(column_name), ""),
                charset=_text(charset),
                collation=_text(collation),
                hint=data_type,
            )
    if not pairs:
        raise SchemaError("the source has no such table any more")
    return SampledTable(
        name=name,
        schema=schema,
        columns=tuple(pairs.values()),
        # the key of a versioned table has one column more, which is not shown
        key=tuple(pairs[keys[place]] for place in sorted(keys) if keys[place] in pairs),
        rows=rows,
        soft_delete=config.deletes is Deletes.MARK,
        judges_extra=config.reconcile.deletes is Frequency.NIGHTLY,
    )


def _description(database: str, table: str) -> str:
    where = f"table_schema = {_quoted(database)} AND table_name = {_quoted(table)}"
    return (
        "SELECT 'column' AS kind, table_name AS owner, column_name AS name,"
        " ordinal_position AS place, data_type AS type, character_set_name AS charset,"
        f" collation_name AS collation FROM information_schema.columns WHERE {where}"
        " UNION ALL SELECT 'key', table_name, column_name, seq_in_index, NULL, NULL, NULL"
        f" FROM information_schema.statistics WHERE {where} AND index_name = 'PRIMARY'"
    )


def _raw_types(raw: RawSession, schema: str, table: str) -> dict[str, str]:
    texts = (
        f"convert_from('\\x{text.encode().hex()}', '{raw.encoding}')"
        for text in (schema, postgres_identifier(table))
    )
    found = raw.query(
        f"SELECT convert_to(a.attname::text, '{raw.encoding}'),"
        " format_type(a.atttypid, NULL)::bytea FROM pg_attribute AS a"
        " JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        f" WHERE n.nspname = {next(texts)} AND c.relname = {next(texts)}"
        " AND a.attnum > 0 AND NOT a.attisdropped"
    )
    return {_text(name): _text(kind) for name, kind in found}


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _text(data: bytes | None) -> str:
    return (data or b"").decode()


def _b(text: str) -> bytes:
    return text.encode()
