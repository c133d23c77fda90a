"""The backends of tables.yml: how a SELECT is read, and what dlt's `sql_database` makes of a slice.

`wire` takes the server's packets as they are; `connectorx` has a compiled driver read them. Both
end in the same lines. Each is a table loader in dlt's registry, where a reader finds its way of
reading and dlt its way of loading.
"""

import re
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from typing import Any, cast

import dlt
import numpy as np
import pyarrow as pa
import pymysql
from dlt.extract.items import DataItemWithMeta
from dlt.sources.sql_database import BaseTableLoader, get_table_loader_class
from dlt.sources.sql_database import register_table_loader_backend as register
from sqlalchemy.engine import Engine

from opendental_pipeline.databases.driver_errors import mysql_code
from opendental_pipeline.databases.engines import driver
from opendental_pipeline.databases.identifiers import dlt_identifier
from opendental_pipeline.databases.mysql_result import fetch_rows
from opendental_pipeline.databases.server import Server
from opendental_pipeline.databases.statement_limit import StatementLimit
from opendental_pipeline.databases.tsv import RowBatch, TsvLines, columns_to_tsv
from opendental_pipeline.databases.type_mapping import TransferType
from opendental_pipeline.planning.slice import FORMAT, SelectedColumn
from opendental_pipeline.planning.table_progress import TableProgress
from opendental_pipeline.settings.backends import said_of_connectorx
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.table_config import Backend, TableConfig


class SliceLoader(BaseTableLoader):
    """Loads a slice that was read into a file: the file, its order and the state go together."""

    @staticmethod
    @abstractmethod
    def fetch(
        engine: Engine, columns: Sequence[SelectedColumn], rows: str, limit: StatementLimit
    ) -> list[RowBatch]:
        """Runs a SELECT.

        Args:
            engine: of the server.
            columns: what is selected.
            rows: the rest of the statement, from FROM on.
            limit: after which it is stopped.

        Raises:
            pymysql.err.Error: the server refused it, it was stopped, or the server was lost.
        """

    def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[DataItemWithMeta]:
        """Yields a slice's file for dlt to move.

        Args:
            backend_kwargs: the `slice`, the `state` of its table behind it, and the `watermark` in
                it that dlt's incremental cursor follows.
        """
        assert backend_kwargs is not None
        slice_: TableProgress = backend_kwargs["slice"]
        assert slice_.order is not None
        slice_.order.to_package()
        stored = dlt.current.resource_state(dlt_identifier(slice_.table))
        cursors = stored.get("incremental", {})
        backend_kwargs["state"].write(stored)
        if self.incremental:
            path = self.incremental.cursor_path
            stored["incremental"] = {path: cursors[path]}
            self.incremental.advance(backend_kwargs["watermark"])
        # without hints dlt's incremental step would take the file for an item that it consumed
        yield dlt.mark.with_file_import(str(slice_.path), FORMAT, slice_.order.rows, hints=[])


class WireLoader(SliceLoader):
    """Reads MySQL's packets without making an object of any value."""

    @staticmethod
    def fetch(
        engine: Engine, columns: Sequence[SelectedColumn], rows: str, limit: StatementLimit
    ) -> list[RowBatch]:
        select = f"SELECT {_listed(one.expression for one in columns)} {rows}"
        with driver(engine) as connection, limit.statement(connection, select) as statement:
            return list(fetch_rows(connection, statement))


class ConnectorxLoader(SliceLoader):
    """Reads through connectorx, each value as the bytes of the text that MySQL shows of it.

    By themselves its types panic at zero dates, long decimals and times beyond a day, and its
    texts at halves of surrogate pairs.
    """

    @staticmethod
    def fetch(
        engine: Engine, columns: Sequence[SelectedColumn], rows: str, limit: StatementLimit
    ) -> list[RowBatch]:
        connectorx = import_module("connectorx")
        select = f"SELECT {_listed(map(_as_bytes, columns))} {rows}"
        with driver(engine) as connection:
            session, seconds = connection.session_statements, connection.read_timeout_seconds
            silent = connection.silent()
        address = engine.url.set(drivername="mysql", query={}).render_as_string(hide_password=False)
        try:
            table: pa.Table = _within(
                seconds,
                partial(
                    connectorx.read_sql,
                    address,
                    limit.limited(select),
                    return_type="arrow",
                    pre_execution_query=list(session),
                ),
            )
        except TimeoutError:
            raise silent from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  a panic is no Exception, and quotes values
            raise _without_values(error) from None
        return [_lines(batch) for batch in table.to_batches() if batch.num_rows]


def _within(seconds: float, fetch: Callable[[], pa.Table]) -> pa.Table:
    """Fetches in a thread that nobody waits for any longer; its driver knows no limit.

    Raises:
        TimeoutError: the server did not answer in time.
    """
    answer: Future[pa.Table] = Future()

    def answered() -> None:
        try:
            answer.set_result(fetch())
        except BaseException as error:  # noqa: BLE001  a panic is no Exception
            answer.set_exception(error)

    threading.Thread(target=answered, name="connectorx", daemon=True).start()
    return answer.result(seconds)


def _without_values(error: BaseException) -> pymysql.err.Error:
    """The error that PyMySQL would have raised."""
    if code := mysql_code(error):
        return pymysql.err.OperationalError(int(code), "connectorx")
    if re.search("IoError|DriverError|timed out", str(error)):
        return pymysql.err.OperationalError(_CONNECTION_LOST, "connectorx")
    return pymysql.err.InternalError("connectorx")


_CONNECTION_LOST = 2013


def _listed(expressions: Iterable[str]) -> str:
    return ", ".join(f"{expression} AS c{n}" for n, expression in enumerate(expressions))


def _as_bytes(column: SelectedColumn) -> str:
    text = column.expression
    if column.transfer_type is not TransferType.BINARY:
        text = f"CONVERT(CAST({text} AS CHAR) USING utf8mb4)"
    return f"CAST({text} AS BINARY)"


def _lines(batch: pa.RecordBatch) -> TsvLines:
    columns = [column.cast(pa.large_binary()) for column in batch.columns]
    return TsvLines(np.frombuffer(columns_to_tsv(columns), np.uint8), len(columns))


def registered(backend: Backend) -> str:
    """The name of a backend in dlt's registry."""
    # dlt has a `connectorx` of its own, which stays what it is
    return f"opendental_{backend}"


for _backend, _loader in ((Backend.WIRE, WireLoader), (Backend.CONNECTORX, ConnectorxLoader)):
    register(registered(_backend), _loader)


def check_stoppable(configs: Iterable[TableConfig], source: Server) -> None:
    """Sees that what some tables' backends send to a server can be stopped.

    Raises:
        EnvironmentSettingError: neither the server stops statements, nor could we.
    """
    said = said_of_connectorx(configs)
    if said and source.limited_select is None:
        # whose connections are its own, so that no watchdog knows them
        raise EnvironmentSettingError(
            f"{said}, whose statements nobody could stop: {source} has no limit for them; use"
            " backend: wire"
        )


def loader(backend: Backend) -> type[SliceLoader]:
    """The table loader of a backend, from dlt's registry."""
    return cast(type[SliceLoader], get_table_loader_class(registered(backend)))
