"""The comparison that other tests trust sees one changed byte, a lost row and a surplus one."""

from tests.comparison import Difference
from tests.conftest import Clinic

DOCUMENT = """
    CREATE TABLE document (
        DocNum bigint NOT NULL PRIMARY KEY, Note varchar(50) NULL, Raw blob, Price double,
        Share float, Made datetime(6), Hours time NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

DOCUMENTS = (
    "INSERT INTO document VALUES"
    " (1, '', X'00ff', 0.1, 0.1, '2024-01-01 00:00:00.000001', '-26:00:01'),"
    " (2, NULL, X'', NULL, 0, '0000-00-00', NULL),"
    " (3, 'a ', NULL, -0.5, 1, NULL, '00:00:00'), (4, 'ä', NULL, 1, 1, NULL, NULL)"
)

LOG = "CREATE TABLE log (Word varchar(10)) ENGINE=InnoDB"

CHANGES = (
    ("Note", "'B'", 4),
    ("Raw", "{binary}", 1),
    ("Price", "0.10000000000000002", 1),
    ("Made", "'2024-01-01 00:00:00.000002'", 1),
    ("Hours", "NULL", 1),
    # an empty text is not NULL
    ("Note", "''", 2),
)


def change(clinic: Clinic, tier: str) -> None:
    """Changes, removes and adds rows behind the pipeline's back."""
    engine, schema, quote, binary = {
        "replication": (clinic.replication, "", "`", "X'00fe'"),
        "raw": (clinic.analytics, "raw.", '"', "'\\x00fe'::bytea"),
    }[tier]
    key = f"{quote}DocNum{quote}"
    statements = [
        f"UPDATE {schema}document SET {quote}{column}{quote} = {value.format(binary=binary)}"
        f" WHERE {key} = {number}"
        for column, value, number in CHANGES
    ]
    statements += [
        f"DELETE FROM {schema}document WHERE {key} = 3",
        f"INSERT INTO {schema}document ({key}) VALUES (9)",
        f"INSERT INTO {schema}log ({quote}Word{quote}) VALUES ('a')",
    ]
    with engine.begin() as connection:
        for statement in statements:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def test_no_difference_stays_unseen(clinic: Clinic) -> None:
    clinic.sql("SET sql_mode = ''", DOCUMENT, DOCUMENTS)
    clinic.sql(LOG, "INSERT INTO log VALUES ('a'), ('a'), ('b')")
    clinic.run()
    assert clinic.differences() == []
    for tier in ("replication", "raw"):
        change(clinic, tier)
        assert {d for d in clinic.differences() if d.tier == tier} == {
            Difference("document", tier, "changed", (1,), ("Raw", "Price", "Made", "Hours")),
            Difference("document", tier, "changed", (2,), ("Note",)),
            Difference("document", tier, "missing", (3,)),
            Difference("document", tier, "changed", (4,), ("Note",)),
            Difference("document", tier, "extra", (9,)),
            Difference("log", tier, "rows differ", ()),
        }
