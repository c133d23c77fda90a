"""Whether a table's values arrived: how many there are in each column, and a sum over them."""

from collections.abc import Sequence

from bench.data import TABLE
from bench.programs import BenchError
from bench.servers import Route, connect_to
from demo.servers import Server
from demo.shape import Column

DATES = ("date", "datetime", "timestamp")


def compare(route: Route, loaded: str, columns: Sequence[Column]) -> None:
    """Compare the table in all three databases.

    Args:
        route: the databases.
        loaded: the table's name in PostgreSQL, quoted.
        columns: which.

    Raises:
        BenchError: a column has another number of values, or another sum.
    """
    clinic = _sums(route.reader, TABLE, columns)
    for server, table in ((route.replication, TABLE), (route.analytics, loaded)):
        found = _sums(server, table, columns)
        wrong = [name for name in clinic if clinic[name] != found[name]]
        if wrong:
            raise BenchError(f"Other values arrived in {server.kind}: {', '.join(wrong)}.")


def _sums(server: Server, table: str, columns: Sequence[Column]) -> dict[str, tuple[int, int]]:
    """Of each column: how many values are not NULL, and their sum. A zero date counts as NULL."""
    write = _of_postgres if server.kind == "postgres" else _of_mariadb
    parts = [part for column in columns for part in write(column)]
    with connect_to(server).connect() as connection:
        row = connection.exec_driver_sql(f"SELECT {', '.join(parts)} FROM {table}").one()
    numbers = [int(value or 0) for value in row]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return {column.name: pair for column, pair in zip(columns, pairs, strict=True)}


def _of_mariadb(column: Column) -> tuple[str, str]:
    name = f"`{column.name}`"
    value = f"NULLIF({name}, 0)" if column.base in DATES else name
    match column.base:
        case "date" | "datetime" | "timestamp":
            number = f"TO_DAYS({value}) - 366"
        case "time":
            number = f"TIME_TO_SEC({name})"
        case "double" | "float":
            number = f"CAST(ROUND({name} * 100) AS SIGNED)"
        case "char" | "varchar":
            number = f"CHAR_LENGTH({name})"
        case _:
            number = name
    return f"COUNT({value})", f"SUM({number})"


def _of_postgres(column: Column) -> tuple[str, str]:
    name = f'"{column.name}"'
    match column.base:
        case "date" | "datetime" | "timestamp":
            number = f"{name}::date - DATE '0001-01-01'"
        case "time":
            number = f"EXTRACT(EPOCH FROM {name})"
        case "double" | "float":
            number = f"ROUND({name} * 100)::bigint"
        case "char" | "varchar":
            number = f"LENGTH({name})"
        case _:
            number = name
    return f"COUNT({name})", f"SUM({number})"
