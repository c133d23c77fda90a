"""Puts up the databases that the version before left, as if its last night had just ended."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql
import sqlalchemy as sa
from dlt.common.versioned_state import compress_state, decompress_state
from dlt.pipeline.state_sync import generate_pipeline_state_version_hash
from pymysql.constants import CLIENT

from demo.servers import Server
from tests.conftest import Clinic

DUMP = Path(__file__).parent / "dump"
TABLES_FILE = DUMP / "tables.yml"
ANALYSIS = TABLES_FILE.with_suffix(".analysis.json")

State = dict[str, Any]


def restore(clinic: Clinic) -> None:
    """Fills the databases of a clinic, which are empty and have the name of those dumped."""
    run_mysql(clinic.cluster.source, clinic.name, (DUMP / "source.sql").read_text())
    run_mysql(clinic.cluster.replication, clinic.name, (DUMP / "replication.sql").read_text())
    clinic.execute(clinic.analytics, (DUMP / "raw.sql").read_text())
    clinic.sql("FLUSH TABLES")
    time.sleep(3)  # what was written just now may be written to again
    catalogue = moments_of_source(clinic)

    def as_if_just_ended(table: str, remembered: State) -> None:
        set_moments(remembered, datetime.now(UTC), catalogue.get(table, {}))

    for engine in (clinic.replication, clinic.analytics):
        change_states(clinic, engine, as_if_just_ended)


def run_mysql(server: Server, database: str, statements: str) -> None:
    """Runs a dump at a server of MariaDB."""
    connection = pymysql.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=database,
        charset="utf8mb4",
        ssl_disabled=True,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statements)
        while cursor.nextset():
            pass
        connection.commit()


def moments_of_source(clinic: Clinic) -> dict[str, State]:
    """When the source made and changed each table, in UTC: a restored one has other moments."""
    query = (
        "SELECT table_name, CAST(create_time AS CHAR), CAST(update_time AS CHAR)"
        f" FROM information_schema.tables WHERE table_schema = '{clinic.name}'"
    )
    with clinic.source.connect() as connection:
        connection.exec_driver_sql("SET SESSION time_zone = '+00:00'")
        rows = connection.exec_driver_sql(query).all()
    return {row[0]: {"created_at": row[1], "updated_at": row[2]} for row in rows}


def set_moments(remembered: State, now: datetime, catalogue: State) -> None:
    """Moves what is remembered of a table, and of a pass over it, to a night that ended now.

    Watermarks stay: they are the rows' own.

    Args:
        remembered: changed in place.
        now: the moment.
        catalogue: what the source says of the table now.
    """
    plain = now.replace(tzinfo=None, microsecond=0)
    moments = {
        "completed_at": now.isoformat(timespec="seconds"),
        "started_at": str(now.astimezone().replace(tzinfo=None, microsecond=0)),
        **dict.fromkeys(("started_utc", "read_at", "rows_proved_at", "keys_proved_at"), str(plain)),
        **catalogue,
    }
    for key, value in remembered.items():
        if isinstance(value, dict):
            set_moments(value, now, catalogue)
        elif value is not None and key in moments:
            remembered[key] = moments[key]


def tables_of(state: State) -> dict[str, State]:
    """What dlt's state remembers of each table."""
    return {
        table: remembered
        for source in state["sources"].values()
        for table, remembered in source["resources"].items()
    }


def read_state(clinic: Clinic, engine: sa.Engine) -> State:
    """dlt's newest state in replication or raw."""
    table = state_table(engine)
    query = f"SELECT state FROM {table} ORDER BY version DESC, _dlt_load_id DESC LIMIT 1"
    return decompress_state(clinic.rows(engine, query)[0][0])


def change_states(clinic: Clinic, engine: sa.Engine, change: Callable[[str, State], None]) -> None:
    """Unpacks dlt's states, changes what they remember of each table, and packs them again."""
    table = state_table(engine)
    for packed, load_id in clinic.rows(engine, f"SELECT state, _dlt_load_id FROM {table}"):
        state = decompress_state(packed)
        for name, remembered in tables_of(state).items():
            change(name, remembered)
        state["_version_hash"] = generate_pipeline_state_version_hash(state)  # type: ignore[arg-type]
        clinic.execute(
            engine,
            f"UPDATE {table} SET state = '{compress_state(state)}',"  # type: ignore[arg-type]
            f" version_hash = '{state['_version_hash']}' WHERE _dlt_load_id = '{load_id}'",
        )


def state_table(engine: sa.Engine) -> str:
    """Where dlt keeps its states."""
    prefix = "raw." if engine.dialect.name == "postgresql" else ""
    return f"{prefix}_dlt_pipeline_state"
