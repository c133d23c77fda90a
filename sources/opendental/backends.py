"""The two ways rows are fetched: connectorx, and PyMySQL for what connectorx cannot do."""

from collections.abc import Callable, Sequence

import connectorx
import pyarrow as pa
from sqlalchemy.engine import Engine

from sources.opendental.connections import run_sql
from sources.opendental.settings import ConnectionConfig, Tls, TlsMode
from sources.opendental.types import Carrier

Backend = Callable[[str, Sequence[Carrier]], pa.Table]
"""Runs a SELECT whose columns have these carriers and returns its rows, one column each."""


def choose_backend(config: ConnectionConfig, engine: Engine, session: Sequence[str]) -> Backend:
    """connectorx, or PyMySQL where the server wants a client certificate.

    Args:
        config: of the server.
        engine: its SQLAlchemy engine.
        session: statements that a session of connectorx begins with.
    """
    if config.tls.cert is not None:
        return by_pymysql(engine)
    return by_connectorx(config, engine, session)


def by_connectorx(config: ConnectionConfig, engine: Engine, session: Sequence[str]) -> Backend:
    """Reads over connectorx's binary protocol into arrow, outside the interpreter lock."""
    url = config.url().set(drivername="mysql", query=_encryption(config.tls, engine))
    address = url.render_as_string(hide_password=False)
    otherwise = by_pymysql(engine)

    def fetch(query: str, carriers: Sequence[Carrier]) -> pa.Table:
        try:
            read = connectorx.read_sql(
                address,
                query,
                return_type="arrow",
                protocol="binary",
                pre_execution_query=list(session),
            )
        except RuntimeError as error:
            # a row may be larger than what the server says it takes in a statement
            if "larger than max_allowed_packet" not in str(error):
                raise
            return otherwise(query, carriers)
        # connectorx chooses widths by what the server says; the schema must not depend on that
        arrays = [column.cast(c.arrow) for column, c in zip(read.columns, carriers, strict=True)]
        return pa.Table.from_arrays(arrays, names=_names(carriers))

    return fetch


def by_pymysql(engine: Engine) -> Backend:
    """Reads through SQLAlchemy's engine and builds the same arrow columns."""

    def fetch(query: str, carriers: Sequence[Carrier]) -> pa.Table:
        with engine.connect() as connection:
            rows = run_sql(connection, query).all()
        columns = zip(*rows, strict=True) if rows else ([] for _ in carriers)
        arrays = [pa.array(list(v), c.arrow) for v, c in zip(columns, carriers, strict=True)]
        return pa.Table.from_arrays(arrays, names=_names(carriers))

    return fetch


def _encryption(tls: Tls, engine: Engine) -> dict[str, str]:
    """connectorx's parameters for TLS. It has no "if the server can", so that is asked first.

    A server on this machine it reaches by its socket, where there is nothing to encrypt.
    """
    mode = tls.effective_mode
    if mode is TlsMode.PREFERRED:
        with engine.connect() as connection:
            status = run_sql(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'")
            cipher = status.mappings().one()["Value"]
        mode = TlsMode.REQUIRED if cipher else TlsMode.DISABLED
    names = {
        TlsMode.DISABLED: "disabled",
        TlsMode.REQUIRED: "required",
        TlsMode.VERIFY_CA: "verify_ca",
        TlsMode.VERIFY_FULL: "verify_identity",
    }
    return {"sslmode": names[mode]} | ({"ssl-ca": str(tls.ca)} if tls.ca else {})


def _names(carriers: Sequence[Carrier]) -> list[str]:
    return [f"c{number}" for number in range(len(carriers))]
