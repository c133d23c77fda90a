"""Both ways of fetching rows give the same arrow columns, for every type and edge value."""

import pytest

from sources.opendental.backends import by_connectorx, by_pymysql
from sources.opendental.catalogue import read_catalogue
from sources.opendental.connections import SESSION_OPTIONS, make_engine
from sources.opendental.settings import DatabaseType
from sources.opendental.sql import ident
from sources.opendental.tuning import ConnectionTuning
from tests.conftest import Clinic
from tests.edges import ANYTHING, edges_of
from tests.generated import TYPES

MADE_ELSEWHERE = ("json", "point")


def test_connectorx_and_pymysql_read_the_same(clinic: Clinic) -> None:
    types = [kind for kind in TYPES if kind not in MADE_ELSEWHERE]
    names = [f"c{number}" for number in range(len(types))]
    body = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    clinic.sql(f"CREATE TABLE kinds ({body}) ENGINE=MyISAM CHARSET=utf8mb4")
    for row in range(40):
        edges = [edges_of(kind.split("(")[0].split(" ")[0], kind) for kind in types]
        values = ", ".join(edge[row % len(edge)] for edge in edges)
        clinic.sql(ANYTHING, f"INSERT IGNORE INTO kinds VALUES ({values})")

    config = clinic.settings.connection(DatabaseType.SOURCE)
    engine = make_engine(config, ConnectionTuning())
    with engine.connect() as connection:
        columns = read_catalogue(connection, clinic.name)["kinds"].columns
    selected = ", ".join(column.rule.read.format(ident(column.name)) for column in columns)
    carriers = [column.rule.carrier for column in columns]
    query = f"SELECT {selected} FROM kinds"
    session = SESSION_OPTIONS[DatabaseType.SOURCE]
    first = by_connectorx(config, engine, session)(query, carriers)
    second = by_pymysql(engine)(query, carriers)
    engine.dispose()
    assert first.num_rows == 40
    differing = [
        column.column_type
        for number, column in enumerate(columns)
        if not first.column(number).combine_chunks().equals(second.column(number).combine_chunks())
    ]
    assert differing == []


@pytest.mark.parametrize("kind", MADE_ELSEWHERE)
def test_types_without_edge_values_read_the_same_too(clinic: Clinic, kind: str) -> None:
    value = {"json": "'{\"a\": [1, null]}'", "point": "POINT(1.5, -2)"}[kind]
    clinic.sql(f"CREATE TABLE t (v {kind})", f"INSERT INTO t VALUES ({value}), (NULL)")
    config = clinic.settings.connection(DatabaseType.SOURCE)
    engine = make_engine(config, ConnectionTuning())
    with engine.connect() as connection:
        (column,) = read_catalogue(connection, clinic.name)["t"].columns
    query = f"SELECT {column.rule.read.format('v')} FROM t"
    session = SESSION_OPTIONS[DatabaseType.SOURCE]
    carriers = [column.rule.carrier]
    first = by_connectorx(config, engine, session)(query, carriers)
    assert first.equals(by_pymysql(engine)(query, carriers))
    engine.dispose()
