"""Whether raw has the characters that replication has, as each of the two servers sees them.

Rows that are read, loaded into a stage and compared there go through one conversion twice: what it
changes looks the same. Here no text leaves its server, only the sum of the digests of its UTF-8.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opendental_pipeline.databases.identifiers import postgres_ident as quoted
from opendental_pipeline.databases.identifiers import postgres_identifier
from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column
from opendental_pipeline.reconcile.checksums import MD5, SHA2
from opendental_pipeline.settings.data_type import DataType

Query = Callable[[str], Sequence[Any]]
"""Runs a query and returns its rows."""

_DIGITS = 15
"""Hexadecimal digits of an MD5 that fit into a signed number of 64 bits."""


def other_texts(
    columns: Sequence[Column],
    coerced: Mapping[str, int],
    replication: tuple[Query, str],
    raw: tuple[Query, str],
    *,
    md5: bool,
) -> list[str]:
    """The columns of text that have other characters in raw than in replication.

    Args:
        columns: of the table in replication, with their hints.
        coerced: how many values of which column were changed for PostgreSQL, by stated rules.
        replication: asks there, and the FROM clause of the rows that count.
        raw: likewise.
        md5: whether replication has MD5(); else it is SHA2.
    """
    texts = [column for column in columns if _is_text(column)]
    if not texts:
        return []
    ask_replication, copied = replication
    ask_raw, loaded = raw
    mysql = ", ".join(
        _in_mysql(column, nul=bool(coerced.get(column.name)), md5=md5) for column in texts
    )
    postgres = ", ".join(
        _in_postgres(postgres_identifier(column.name), md5=md5) for column in texts
    )
    (in_replication,) = ask_replication(f"SELECT {mysql} {copied}")
    (in_raw,) = ask_raw(f"SELECT {postgres} {loaded}")
    return [
        column.name
        for column, one, other in zip(texts, in_replication, in_raw, strict=True)
        if int(one or 0) != int(other or 0) and not _may_differ(column, coerced)
    ]


def _is_text(column: Column) -> bool:
    is_text_in_raw = column.type_override in (None, DataType.TEXT)
    return column.charset is not None and column.original_type != "json" and is_text_in_raw


def _may_differ(column: Column, coerced: Mapping[str, int]) -> bool:
    """Whether halves of surrogate pairs were replaced, which MySQL itself cannot do."""
    return bool(coerced.get(column.name)) and (column.charset or "") in ("utf8", "utf8mb3")


def _in_mysql(column: Column, *, nul: bool, md5: bool) -> str:
    text = f"CONVERT({ident(column.name)} USING utf8mb4)"
    text = f"REPLACE({text}, CHAR(0), '')" if nul else text
    digest = (MD5 if md5 else SHA2).format(text)
    return f"SUM(CAST(CONV(LEFT({digest}, {_DIGITS}), 16, 10) AS UNSIGNED))"


def _in_postgres(name: str, *, md5: bool) -> str:
    text = f"convert_to({quoted(name)}::text, 'UTF8')"
    digest = f"md5({text})" if md5 else f"encode(sha256({text}), 'hex')"
    return f"sum(('x' || left({digest}, {_DIGITS}))::bit({4 * _DIGITS})::bigint)"
