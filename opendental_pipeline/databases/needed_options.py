"""Options of the replication server that a copy needs, and that no session can set."""

from sqlalchemy.engine import Connection

from opendental_pipeline.settings.errors import ConfigurationError

_NEEDED = {
    "local_infile": ("ON", "does not take LOAD DATA LOCAL"),
    "innodb_force_primary_key": ("OFF", "makes no table without a primary key"),
}
"""By name: the value that is needed, and what the server does with another one."""


def check_writable(connection: Connection) -> None:
    """Sees that a server's configuration lets tables be made and loaded.

    Args:
        connection: to replication.

    Raises:
        ConfigurationError: naming the options that do not.
    """
    names = ", ".join(f"'{name}'" for name in _NEEDED)
    shown = connection.exec_driver_sql(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})")
    wrong = [
        f"the replication server {fault}; set {name}={value} in its configuration"
        for name, is_set in shown
        for value, fault in [_NEEDED[str(name).lower()]]
        if str(is_set).upper() != value
    ]
    if wrong:
        raise ConfigurationError("\n".join(wrong))
