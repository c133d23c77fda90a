"""Accounts as clinics make them: whatever way of logging in the source's server asks for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from opendental_pipeline.databases import sessions
from opendental_pipeline.databases.sessions import MYSQL_SETTINGS, Setting
from opendental_pipeline.settings.connection import DatabaseType
from opendental_pipeline.settings.errors import ConfigurationError
from tests import programs
from tests.conftest import Clinic

SECRET = "Straße o'clock"
ACCOUNT = "'somebody'@'127.0.0.1'"

WAYS = {
    "caching_sha2_password": ("MySQL", ()),
    "ed25519": ("MariaDB", ("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'",)),
    "mysql_native_password": ("MariaDB", ()),
}
"""By the server's name of it: who has it, and what brings it in."""


@pytest.fixture(params=WAYS)
def newcomer(request: pytest.FixtureRequest, clinic: Clinic) -> Iterator[Clinic]:
    """The clinic, read by an account that has never logged in before."""
    way: str = request.param
    flavor, prepare = WAYS[way]
    clinic.sql("CREATE TABLE visit (VisitNum int PRIMARY KEY)", "INSERT INTO visit VALUES (1)")
    ((version,),) = clinic.rows(clinic.source, "SELECT VERSION()")
    secret = SECRET.replace("'", "''")
    if ("MariaDB" in version) != (flavor == "MariaDB"):
        # the way that this server's accounts log in by default
        identified = f"IDENTIFIED BY '{secret}'"
    elif flavor == "MariaDB":
        identified = f"IDENTIFIED VIA {way} USING PASSWORD('{secret}')"
    else:
        identified = f"IDENTIFIED WITH {way} BY '{secret}'"
    clinic.sql(
        *prepare if "MariaDB" in version else (),
        f"CREATE USER {ACCOUNT} {identified}",
        f"GRANT SELECT ON {clinic.name}.* TO {ACCOUNT}",
    )
    try:
        yield clinic
    finally:
        clinic.sql(f"DROP USER {ACCOUNT}")


@pytest.mark.parametrize("mode", ["disabled", "preferred"])
def test_a_new_account_logs_in_with_and_without_tls(newcomer: Clinic, mode: str) -> None:
    done = programs.nightly(
        newcomer,
        OPENDENTAL_SOURCE_USER="somebody",
        OPENDENTAL_SOURCE_PASSWORD=SECRET,
        OPENDENTAL_SOURCE_SSL_MODE=mode,
    )
    assert done.code == 0, done.err
    assert newcomer.differences() == []


@pytest.mark.parametrize("needed", [False, True])
def test_a_setting_that_the_account_may_not_set_is_done_without_or_refused(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, needed: bool
) -> None:
    clinic.sql("CREATE TABLE visit (VisitNum int PRIMARY KEY)", "INSERT INTO visit VALUES (1)")
    clinic.execute(
        clinic.replication,
        f"CREATE USER {ACCOUNT} IDENTIFIED BY 'secret'",
        f"GRANT ALL ON {clinic.name}.* TO {ACCOUNT}",
    )
    # every server lets only privileged accounts set it
    restricted = Setting("sql_log_bin", "0", "the test fails", needed=needed)
    known = MYSQL_SETTINGS[DatabaseType.REPLICATION]
    monkeypatch.setitem(sessions.MYSQL_SETTINGS, DatabaseType.REPLICATION, (restricted, *known))
    account = {"MYSQL_REPLICATION_USER": "somebody", "MYSQL_REPLICATION_PASSWORD": "secret"}
    plain = replace(clinic, environ={**clinic.environ, **account})
    try:
        if needed:
            with pytest.raises(
                ConfigurationError, match=r"sql_log_bin is not 0, .* the test fails"
            ):
                plain.run()
            assert programs.tables_made(clinic) == []
        else:
            assert plain.run().failed == []
            assert clinic.differences() == []
    finally:
        clinic.execute(clinic.replication, f"DROP USER {ACCOUNT}")
