"""Accounts as clinics make them: whatever way of logging in the source's server asks for."""

from collections.abc import Iterator

import pytest

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
