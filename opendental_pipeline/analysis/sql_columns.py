"""Which columns of which tables a query names, by its syntax tree."""

from collections.abc import Mapping

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

Relation = tuple[str, str]
"""Schema and name of a table, as PostgreSQL keeps them."""

Names = frozenset[str] | None
"""Columns that are named; None for all of them, and where nobody can tell."""

_DIALECT = "postgres"

_BEFORE_QUERY = frozenset(
    {
        *(None, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.SEMICOLON, TokenType.UNION),
        *(TokenType.INTERSECT, TokenType.EXCEPT, TokenType.ALL, TokenType.DISTINCT),
    }
)
"""What stands before `TABLE` where it begins a query, and is no word of CREATE or a label."""


def relation_of(text: str) -> Relation:
    """The table that SQL means by `"database"."schema"."name"`.

    Raises:
        ValueError: it means none.
    """
    try:
        table = sqlglot.parse_one(text, into=exp.Table, dialect=_DIALECT)
    except SqlglotError:
        raise ValueError(f"{text} is no name of a table") from None
    return _relation(normalize_identifiers(table, dialect=_DIALECT))


def columns_named(sql: str) -> Mapping[Relation, Names]:
    """The tables a query reads under their full names, and the columns of each that it names.

    A name that may be another table's counts: too many is better than one too few. So does every
    column of a table that is read as a whole (`*`, `row_to_json(p)`, a natural join).

    Args:
        sql: as PostgreSQL would run it; without any table if it cannot be parsed.
    """
    try:
        statements = sqlglot.parse(_without_table_queries(sql), dialect=_DIALECT)
    except (SqlglotError, RecursionError):
        return {}
    found: dict[Relation, Names] = {}
    for statement in filter(None, statements):
        tree = normalize_identifiers(statement, dialect=_DIALECT)
        for table in tree.find_all(exp.Table):
            if table.db:
                relation, names = _relation(table), _names(table)
                before = found.get(relation, frozenset())
                found[relation] = None if names is None or before is None else before | names
    return found


def _without_table_queries(sql: str) -> str:
    """SQL with `SELECT * FROM name` for `TABLE name`, which sqlglot 30.21 does not read."""
    tokens = sqlglot.tokenize(sql, dialect=_DIALECT)
    before = [None, *(token.token_type for token in tokens)]
    for token, previous in reversed(list(zip(tokens, before, strict=False))):
        if token.token_type is TokenType.TABLE and previous in _BEFORE_QUERY:
            sql = f"{sql[: token.start]}SELECT * FROM{sql[token.end + 1 :]}"
    return sql


def _relation(table: exp.Table) -> Relation:
    return table.db, table.name


def _names(table: exp.Table) -> Names:
    """The columns of one occurrence of a table that are named where it can be seen."""
    select = table.find_ancestor(exp.Select)
    if select is None or table.alias_column_names:
        return None
    alias, names = table.alias_or_name, set[str]()
    # a common table expression sees none of the query's tables
    for node in select.walk(prune=lambda node: isinstance(node, exp.CTE)):
        match node:
            case exp.Star() if node.parent is select:
                return None
            case exp.Column() if node.table in ("", alias):
                if isinstance(node.this, exp.Star) or (not node.table and node.name == alias):
                    return None
                names.add(node.name)
            case exp.Join():
                if node.method == "NATURAL":
                    return None
                names.update(column.name for column in node.args.get("using") or ())
    return frozenset(names)
