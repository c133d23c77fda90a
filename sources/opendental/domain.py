"""What is known of OpenDental itself, and no catalogue tells."""

import re
from functools import cache
from importlib.resources import files

from sqlalchemy.engine import Connection

from opendental_pipeline.databases.engines import run_sql
from opendental_pipeline.databases.table import Catalogue, Table
from opendental_pipeline.settings.data_type import DataType

_TEMPORARY = re.compile(
    r"te?mp|.*_(bak|backup|old|copy)(_|\d|$)|(bak|backup|old)_|.*_\d{6,8}$", re.IGNORECASE
)

_EMPTIED = {
    "famaging": "OpenDental truncates it",
    "dashboardar": "OpenDental truncates it",
    "signalod": "OpenDental purges it after two days",
    "securitylog": "OpenDental purges old rows",
}

_MONEY = frozenset(
    {
        *("adjustment", "claim", "claimpayment", "claimproc", "payment", "payplan"),
        *("payplancharge", "paysplit", "procedurelog", "statement", "timeadjust", "clockevent"),
    }
)

_SET_ONCE = re.compile(r"(entry|entered|stamp|edit|created|modified)", re.IGNORECASE)


def looks_temporary(table: str) -> bool:
    """Whether a table is one that reports and repairs leave behind: `temp*`, `tmp*`, backups."""
    return _TEMPORARY.match(table) is not None


def emptied(table: str) -> str:
    """How OpenDental itself deletes many rows of a table at once; empty if it does not."""
    return _EMPTIED.get(table.lower(), "")


def holds_money(table: str) -> bool:
    """Whether a table says what somebody owes, paid or earned."""
    return table.lower() in _MONEY


def looks_like_a_cursor(table: Table) -> tuple[str, ...]:
    """Columns that are named like a cursor and are none: they are set once, or by the program."""
    return tuple(
        column.name
        for column in table.columns
        if column.temporal and not column.auto_updated and _SET_ONCE.search(column.name)
    )


def semantic_types(table: Table) -> dict[str, DataType]:
    """What OpenDental keeps in columns whose MySQL type does not say it.

    A tinyint is as often an enum as a bool, and a time is a time of day or a span that may be
    negative. Neither the type's width nor the values tell which; OpenDental's own classes do, as of
    its version 24.3.
    """
    known = _meanings().get(table.name.lower(), {})
    return {
        column.name: known[column.name]
        for column in table.columns
        if column.name in known and column.data_type in ("tinyint", "time")
    }


@cache
def _meanings() -> dict[str, dict[str, DataType]]:
    meant: dict[str, dict[str, DataType]] = {}
    text = files("sources.opendental").joinpath("column_kinds.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        table, column, data_type = line.split("\t")
        meant.setdefault(table, {})[column] = DataType(data_type)
    return meant


def database_version(connection: Connection, catalogue: Catalogue) -> str | None:
    """OpenDental's own version of the schema; None for a database of something else."""
    return _preference(connection, catalogue, "DataBaseVersion")


def upgrading_computer(connection: Connection, catalogue: Catalogue) -> str | None:
    """The computer that upgrades the database at this moment; None if none does."""
    return _preference(connection, catalogue, "UpdateInProgressOnComputerName")


def _preference(connection: Connection, catalogue: Catalogue, name: str) -> str | None:
    table = catalogue.get("preference")
    if table is None or not (table.has("PrefName") and table.has("ValueString")):
        return None
    query = f"SELECT ValueString FROM preference WHERE PrefName = '{name}' LIMIT 1"
    return str(run_sql(connection, query).scalar() or "") or None
