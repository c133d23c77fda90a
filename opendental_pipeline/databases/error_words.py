"""What the codes of servers' errors mean, and what a person does about each."""

import re
from collections.abc import Mapping

_REPAIR = (
    "the table is damaged, as MyISAM's are after a crash of the server; let OpenDental's database"
    " maintenance repair it, or CHECK TABLE and REPAIR TABLE at the server that is read"
)
_WIDE = (
    "the table is wider than InnoDB takes: 65,535 bytes without long texts, and about 8,100 of a"
    " row within its page; exclude columns in tables.yml, or make the replication server's data"
    " with innodb_page_size=64k"
)
_PRIVILEGE = "the account lacks a privilege"
_LOCAL_INFILE = "LOAD DATA LOCAL is off; set local_infile=ON at the server that is written to"
_CONNECTIONS = "the server has no connection left; raise max_connections, or end some"
_LOCKED = "somebody holds a lock on its rows or on the table; see SHOW PROCESSLIST, and run again"
_PASSWORD = "the account's password is expired; set it anew with ALTER USER"
_FULL = "there is no room left on the server's disk, or in its tablespace; make some"

MYSQL: Mapping[int, str] = {
    28: _FULL,
    **dict.fromkeys((126, 127, 130, 134, 144, 145, 1034, 1035, 1194, 1195), _REPAIR),
    **dict.fromkeys((2, 29), "a file of the table is missing; restore it from a backup"),
    1005: "the table cannot be made: InnoDB takes 1,016 columns beside ours; exclude some in"
    " tables.yml, or see SHOW ENGINE INNODB STATUS",
    1016: "the table's file cannot be opened; CHECK TABLE at the server that is read",
    1021: _FULL,
    1030: "the storage engine failed; the server's log says why: a full or a broken disk?",
    1040: _CONNECTIONS,
    1041: "the server is out of memory",
    1044: "access to the database is denied; GRANT the account its privileges on it",
    1045: "access is denied; check user and password",
    1049: "there is no such database; check its name, or make it",
    1054: "a column does not exist any more",
    1062: "a key occurs twice",
    1071: "its key is longer than InnoDB takes: 3,072 bytes",
    1114: "a table is full; see the limits of its tablespace, and the room on the server's disk",
    1117: "it has more columns than InnoDB takes: 1,016 beside ours; exclude some in tables.yml",
    1118: _WIDE,
    1129: "too many connections failed; FLUSH HOSTS at the server",
    1130: "the account may not come from this machine; make it for this host, or for '%'",
    1142: _PRIVILEGE,
    1143: _PRIVILEGE,
    1146: "the table does not exist",
    1148: _LOCAL_INFILE,
    1153: "a packet is larger than the server takes; raise max_allowed_packet",
    1173: "tables need a primary key there; set innodb_force_primary_key=OFF",
    1203: "the account has no connection left; raise max_user_connections",
    1205: _LOCKED,
    1213: "two transactions waited for each other; run again",
    1226: "the account has used up what it may in an hour, or at once; ALTER USER … WITH"
    " MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0"
    " MAX_USER_CONNECTIONS 0",
    1227: _PRIVILEGE,
    1290: "an option of the server forbids it",
    1317: "somebody else stopped the statement",
    1370: _PRIVILEGE,
    1665: "the server logs statements; set binlog_format=ROW or MIXED",
    1698: "access is denied; check user and password, and how the account logs in",
    1792: "the transaction may only read; set transaction_read_only=OFF",
    1820: _PASSWORD,
    1836: "the server is read-only; set read_only=OFF, or name the one that is written to",
    1862: _PASSWORD,
    1969: "the statement took longer than allowed",
    2059: "nobody here knows the way in which the account logs in; ALTER USER … IDENTIFIED VIA"
    " mysql_native_password, or ed25519; on MySQL IDENTIFIED WITH caching_sha2_password",
    3024: "the statement took longer than allowed",
    3118: "the account is locked; ALTER USER … ACCOUNT UNLOCK",
    3159: "the server takes encrypted connections only; set …_SSL_MODE=required",
    3948: _LOCAL_INFILE,
    4151: "the account is locked; ALTER USER … ACCOUNT UNLOCK",
}
"""By the number of an error of MySQL or MariaDB, or of the storage engine below."""

_OWNER = "the role lacks a privilege"

POSTGRES: Mapping[str, str] = {
    "0A000": "PostgreSQL cannot do it",
    "22001": "a text is longer than its column in raw",
    "23502": "a column that is not the source's takes no NULL and has no default; give it one:"
    " ALTER TABLE … ALTER COLUMN … SET DEFAULT, or DROP NOT NULL",
    "23503": "a foreign key in raw refuses it; drop it there",
    "23505": "a unique index in raw refuses it; drop it there",
    "23514": "a check in raw refuses it; drop it there",
    "25006": "it only reads: a standby, or default_transaction_read_only; name the primary server,"
    " and ALTER ROLE … SET default_transaction_read_only = off",
    "28000": "the role may not log in; see pg_hba.conf, and ALTER ROLE … LOGIN",
    "28P01": "access is denied; check user and password",
    "2BP01": "something else in PostgreSQL depends on it",
    "3D000": "there is no such database; check its name, or make it",
    "3F000": "there is no such schema; check its name, or make it",
    "40001": "two transactions were at the same rows; run again",
    "40P01": "two transactions waited for each other; run again",
    "42501": _OWNER,
    "42703": "a column does not exist any more",
    "42P01": "a table does not exist any more",
    "53100": "there is no room left on the server's disk; make some",
    "53200": "the server is out of memory, or of locks; raise max_locks_per_transaction",
    "53300": "the server has no connection left; raise max_connections, the database's or the"
    " role's CONNECTION LIMIT, or end some",
    "53400": "a limit of the server's configuration is reached (temp_file_limit)",
    "54000": "a limit of PostgreSQL: 2,704 bytes of a key, or 8 KB of a row without its long texts;"
    " exclude columns in tables.yml",
    "54011": "it has more columns than PostgreSQL takes: 1,600, dropped ones included; exclude some"
    " in tables.yml",
    "55006": "something is in use; run again",
    "55P03": "somebody holds a lock on it; see pg_stat_activity and pg_locks, and run again",
    "57014": "somebody else stopped the statement",
    "58030": "PostgreSQL cannot read or write its files; see its log",
    "58P01": "PostgreSQL misses one of its files; see its log",
    "XX001": "the data in PostgreSQL are damaged; see its log, and restore it from a backup",
    "XX002": "an index in PostgreSQL is damaged; REINDEX TABLE",
}
"""By SQLSTATE of PostgreSQL."""

AT_LOGIN: tuple[tuple[str, str], ...] = (
    (r'database ".*" does not exist', POSTGRES["3D000"]),
    (r"password authentication failed", POSTGRES["28P01"]),
    (r"no pg_hba\.conf entry|is not permitted to log in", POSTGRES["28000"]),
    (
        r"too many (clients|connections)|connection slots|max_client_conn|no more connections",
        POSTGRES["53300"],
    ),
    (
        r"unsupported startup parameter",
        "a pooler stands before the server; connect to the server itself",
    ),
)
"""What PostgreSQL says while somebody logs in, when there is no SQLSTATE yet, and its meaning."""

TRY_AGAIN: frozenset[int | str] = frozenset({1213, "40001", "40P01"})
"""Errors of a transaction that another one was in the way of, and that was rolled back."""

_NAMED: Mapping[int | str, tuple[tuple[re.Pattern[str], str], ...]] = {
    1142: ((re.compile(r"^([\w, ]+) command denied .* for table (\S+)$"), "{0} on {1}"),),
    1143: (
        (
            re.compile(r"^([\w, ]+) command denied .* for column ('\S+') in table ('\S+')$"),
            "{0} on column {1} of table {2}",
        ),
    ),
    1227: ((re.compile(r"at least one of\)? the ([\w ,/]+?) privilege"), "{0}"),),
    1290: ((re.compile(r"running with the (\S+) option"), "{0}"),),
    "42501": (
        (
            re.compile(r"^permission denied for database (.+)$"),
            "GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {0} TO {role}",
        ),
        (
            re.compile(r"^permission denied for schema (.+)$"),
            "GRANT USAGE, CREATE ON SCHEMA {0} TO {role}",
        ),
        (
            re.compile(r"^permission denied for (?:table|relation) (.+)$"),
            "ALTER TABLE {0} OWNER TO {role}",
        ),
        (
            re.compile(r"^must be owner of (?:table|relation) (.+)$"),
            "ALTER TABLE {0} OWNER TO {role}",
        ),
        (
            re.compile(r"^permission denied to create temporary tables in database \"(.+)\"$"),
            "GRANT TEMPORARY ON DATABASE {0} TO {role}",
        ),
    ),
}
"""The errors whose texts name what they are about, and never a value; what is said of that."""


def named(code: int | str, text: str, role: str = "") -> str:
    """What an error's text names, in words of ours; empty where it names nothing that is known.

    Args:
        code: of the error.
        text: the server's own, of which nothing else is told.
        role: that was refused.
    """
    for pattern, words in _NAMED.get(code, ()):
        if found := pattern.search(text):
            return words.format(*found.groups(), role=role)
    return ""
