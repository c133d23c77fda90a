"""Names on their way: what dlt calls a table or column, and what PostgreSQL does.

MySQL allows nearly any 64 characters as a name. In both copies a name stays what it is, except
where PostgreSQL has no room for it.
"""

import re
from hashlib import sha256

LOADED_AT = "_loaded_at"
"""What `_replicated_at` is called in raw, where dbt's freshness reads it."""

DELETED_AT = "_deleted_at"
"""Carried beside a row to raw: set if the row is a tombstone, and then only its key is."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_POSTGRES_BYTES = 63
_TAKEN = frozenset(
    # by this pipeline, and by PostgreSQL's own system columns
    {LOADED_AT, DELETED_AT, "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}
)


def dlt_identifier(name: str) -> str:
    """What dlt calls a table or column: the name itself, or a file name that stands for it.

    dlt makes file names of table names, splits them at dots, and keeps names that begin with an
    underscore for itself.
    """
    if _PLAIN.fullmatch(name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', name).strip('_')[:40]}-{_mark(name)}"


def postgres_identifier(name: str) -> str:
    """What a table or column is called in raw.

    The name itself; where that is longer than PostgreSQL's 63 bytes or taken, its beginning with
    eight digits that tell it from all others.
    """
    encoded = name.encode()
    if len(encoded) <= _POSTGRES_BYTES and name not in _TAKEN:
        return name
    return f"{encoded[: _POSTGRES_BYTES - 9].decode(errors='ignore')}_{_mark(name)}"


def postgres_ident(name: str) -> str:
    """Quotes a name for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def _mark(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:8]
