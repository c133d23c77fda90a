"""Settings: who wins, what is refused and how, and that no password ever becomes text."""

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

import psycopg2.extensions
import pymysql
import pytest
from dlt.common.runtime.run_context import RunContext, switched_run_context
from hypothesis import example, given
from hypothesis import settings as pace
from hypothesis import strategies as st
from pydantic import ValidationError as ModelError

from opendental_pipeline.settings.environment import (
    VARIABLES,
    ConnectionConfig,
    DatabaseType,
    PostgresSchema,
    Settings,
    Tls,
    TlsMode,
)
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.notification_settings import NOTIFICATION_VARIABLES

PROJECT = Path(__file__).parents[1]

COMPLETE = {
    "OPENDENTAL_SOURCE_HOST": "opendental.example",
    "OPENDENTAL_SOURCE_DB": "opendental",
    "OPENDENTAL_SOURCE_USER": "reader",
    "OPENDENTAL_SOURCE_PASSWORD": "source-word",
    "MYSQL_REPLICATION_HOST": "replication.example",
    "MYSQL_REPLICATION_DB": "opendental_replication",
    "MYSQL_REPLICATION_USER": "writer",
    "MYSQL_REPLICATION_PASSWORD": "replication-word",
    "POSTGRES_ANALYTICS_HOST": "analytics.example",
    "POSTGRES_ANALYTICS_DB": "opendental_analytics",
    "POSTGRES_ANALYTICS_USER": "loader",
    "POSTGRES_ANALYTICS_PASSWORD": "analytics-word",
}
SAFE_NAMES = {
    "MYSQL_REPLICATION_DB": "replication_test",
    "POSTGRES_ANALYTICS_DB": "analytics_test",
}
AS_TEST = {f"TEST_{name}": value for name, value in (COMPLETE | SAFE_NAMES).items()}

unhurried = pace(deadline=None)  # a busy machine is no fault of the code
passwords = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


class IsolatedContext(RunContext):
    """dlt's project in a directory of the test, without this machine's global settings."""

    @property
    def global_dir(self) -> str:
        return str(Path(self.run_dir) / "global")


@pytest.fixture(autouse=True)
def dlt_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A dlt project without settings; a test that writes them calls `read_by_dlt`."""
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.delenv("DLT_PROJECT_DIR", raising=False)
    with switched_run_context(IsolatedContext(str(tmp_path))):
        yield tmp_path


def read_by_dlt(project: Path, secrets: str) -> Settings:
    (project / ".dlt").mkdir()
    (project / ".dlt" / "secrets.toml").write_text(secrets, encoding="utf-8")
    with switched_run_context(IsolatedContext(str(project))):
        return Settings.load({}, project)


def refusal(values: Mapping[str, object]) -> str:
    with pytest.raises(EnvironmentSettingError) as caught:
        Settings.from_dict(values)
    return str(caught.value)


def write_env(path: Path, values: dict[str, str]) -> None:
    path.write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))


class TestWhoWins:
    def test_the_process_environment_alone_is_enough(self, tmp_path: Path) -> None:
        settings = Settings.load(COMPLETE, tmp_path)
        assert settings.environment == "production"
        assert settings.source.describe() == "reader@opendental.example:3306/opendental"
        assert settings.analytics.describe() == "loader@analytics.example:5432/opendental_analytics"

    def test_the_env_file_fills_what_the_process_leaves_open(self, tmp_path: Path) -> None:
        write_env(tmp_path / ".env_production", COMPLETE)
        settings = Settings.load({"OPENDENTAL_SOURCE_HOST": "elsewhere"}, tmp_path)
        assert (settings.source.host, settings.source.database) == ("elsewhere", "opendental")

    def test_dlt_is_asked_last(self, dlt_project: Path) -> None:
        write_env(dlt_project / ".env_production", {"OPENDENTAL_SOURCE_HOST": "from-file"})
        toml = (PROJECT / ".dlt" / "secrets.toml.example").read_text()
        settings = read_by_dlt(dlt_project, toml)
        assert settings.source.describe() == "etl_reader@from-file:3306/opendental"
        assert settings.replication.host == "replication.example"
        assert settings.analytics.password.get_secret_value() == "change-me"

    def test_dlts_dataset_is_the_schema_raw(self, dlt_project: Path) -> None:
        write_env(dlt_project / ".env_production", COMPLETE)
        settings = read_by_dlt(dlt_project, '[destination.raw]\ndataset_name = "landing"\n')
        assert settings.schema_name(PostgresSchema.RAW) == "landing"

    def test_tls_can_be_set_in_dlts_toml(self, dlt_project: Path) -> None:
        write_env(dlt_project / ".env_production", COMPLETE)
        settings = read_by_dlt(
            dlt_project, '[sources.opendental.credentials]\nssl_mode = "required"\n'
        )
        assert settings.source.tls.mode is TlsMode.REQUIRED

    def test_dlts_own_variables_are_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__OPENDENTAL__CREDENTIALS__HOST", "from-dlt")
        rest = {k: v for k, v in COMPLETE.items() if k != "OPENDENTAL_SOURCE_HOST"}
        assert Settings.load(rest, tmp_path).source.host == "from-dlt"

    def test_a_password_is_not_read_from_dlts_config(self, dlt_project: Path) -> None:
        rest = {k: v for k, v in COMPLETE.items() if k != "OPENDENTAL_SOURCE_PASSWORD"}
        (dlt_project / ".dlt").mkdir()
        (dlt_project / ".dlt" / "config.toml").write_text(
            '[sources.opendental.credentials]\npassword = "in-the-open"\n'
        )
        with (
            switched_run_context(IsolatedContext(str(dlt_project))),
            pytest.raises(EnvironmentSettingError, match="OPENDENTAL_SOURCE_PASSWORD is missing"),
        ):
            Settings.load(rest, dlt_project)

    def test_a_dictionary_is_all_there_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENDENTAL_SOURCE_PORT", "1")
        monkeypatch.setenv("SOURCES__OPENDENTAL__CREDENTIALS__PORT", "2")
        monkeypatch.setenv("ETL_ENVIRONMENT", "test")
        monkeypatch.chdir(tmp_path)
        write_env(tmp_path / ".env_production", {"OPENDENTAL_SOURCE_PORT": "3"})
        settings = Settings.from_dict(COMPLETE)
        assert (settings.environment, settings.source.port) == ("production", 3306)

    def test_a_dictionary_may_hold_numbers_and_nothing(self) -> None:
        settings = Settings.from_dict(
            COMPLETE | {"MYSQL_REPLICATION_PORT": 3307, "OPENDENTAL_SOURCE_SSL_CA": None}
        )
        assert settings.replication.port == 3307

    def test_a_dollar_in_the_env_file_is_a_dollar(self, tmp_path: Path) -> None:
        password = "a${HOME}$b # c"
        write_env(tmp_path / ".env_production", COMPLETE | {"MYSQL_REPLICATION_PASSWORD": password})
        assert Settings.load({}, tmp_path).replication.password.get_secret_value() == password

    def test_blanks_around_a_value_are_no_part_of_it_but_of_a_password_they_are(self) -> None:
        settings = Settings.from_dict(
            COMPLETE | {"OPENDENTAL_SOURCE_HOST": " host ", "OPENDENTAL_SOURCE_PASSWORD": " word "}
        )
        assert settings.source.host == "host"
        assert settings.source.password.get_secret_value() == " word "

    def test_the_examples_are_complete(self, tmp_path: Path) -> None:
        shutil.copy(PROJECT / ".env_production.example", tmp_path / ".env_production")
        assert Settings.load({}, tmp_path).replication.database == "opendental_replication"

    def test_the_examples_name_only_settings_that_exist(self) -> None:
        example = (PROJECT / ".env_production.example").read_text()
        named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
        assert len(named) > 20
        settings = (*VARIABLES, *NOTIFICATION_VARIABLES)
        assert named <= {variable.name for variable in settings}


class TestEnvironments:
    @pytest.mark.parametrize(
        ("environ", "expected"),
        [
            ({}, "production"),
            ({"APP_ENV": "test"}, "test"),
            ({"ENVIRONMENT": "production", "APP_ENV": "test"}, "production"),
            ({"ETL_ENVIRONMENT": "test", "ENVIRONMENT": "production"}, "test"),
        ],
    )
    def test_the_first_variable_that_is_set_names_the_environment(
        self, environ: dict[str, str], expected: str
    ) -> None:
        assert Settings.from_dict(COMPLETE | SAFE_NAMES | environ).environment == expected

    @pytest.mark.parametrize("name", ["ETL_ENVIRONMENT", "ENVIRONMENT", "APP_ENV"])
    @pytest.mark.parametrize("value", ["prod", "", "TEST "])
    def test_any_other_name_is_refused(self, name: str, value: str) -> None:
        assert f"{name} must be production or test" in refusal(COMPLETE | {name: value})

    def test_test_reads_only_its_own_variables(self, tmp_path: Path) -> None:
        write_env(tmp_path / ".env_test", {"TEST_OPENDENTAL_SOURCE_PORT": "3399"} | COMPLETE)
        settings = Settings.load({"ETL_ENVIRONMENT": "test"} | AS_TEST, tmp_path)
        assert settings.replication.database == "replication_test"
        assert settings.source.port == 3399

    def test_test_does_not_fall_back_to_production(self, dlt_project: Path) -> None:
        (dlt_project / ".dlt").mkdir()
        example = PROJECT / ".dlt" / "secrets.toml.example"
        shutil.copy(example, dlt_project / ".dlt" / "secrets.toml")
        write_env(dlt_project / ".env_production", COMPLETE | AS_TEST)
        with (
            switched_run_context(IsolatedContext(str(dlt_project))),
            pytest.raises(EnvironmentSettingError) as caught,
        ):
            Settings.load({"ETL_ENVIRONMENT": "test"} | COMPLETE, dlt_project)
        for name in COMPLETE:
            assert f"TEST_{name} is missing: set it in the process environment or .env_test\n" in (
                str(caught.value)
            )

    def test_production_does_not_read_the_variables_of_test(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentSettingError, match="  OPENDENTAL_SOURCE_HOST is missing"):
            Settings.load(AS_TEST, tmp_path)

    @pytest.mark.parametrize("name", SAFE_NAMES)
    def test_test_writes_only_to_databases_named_test(self, name: str, tmp_path: Path) -> None:
        environ = {"ETL_ENVIRONMENT": "test"} | AS_TEST | {f"TEST_{name}": "opendental_live"}
        with pytest.raises(EnvironmentSettingError) as caught:
            Settings.load(environ, tmp_path)
        assert f"TEST_{name} must have `test` in its name" in str(caught.value)
        assert "opendental_live" not in str(caught.value)

    def test_the_source_of_a_test_may_have_any_name(self, tmp_path: Path) -> None:
        environ = {"ETL_ENVIRONMENT": "test"} | AS_TEST
        assert Settings.load(environ, tmp_path).source.database == "opendental"


class TestRefusals:
    def test_every_missing_setting_is_named_at_once(self) -> None:
        message = refusal({})
        assert [line.split()[0] for line in message.splitlines()[1:-1]] == list(COMPLETE)

    def test_a_missing_setting_says_where_it_can_be_set(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentSettingError) as caught:
            Settings.load({}, tmp_path)
        assert (
            "MYSQL_REPLICATION_USER is missing: set it in the process environment or "
            ".env_production, or destination.replication.credentials.username in .dlt/secrets.toml"
        ) in str(caught.value)

    def test_missing_and_wrong_settings_are_told_together(self) -> None:
        message = refusal(
            {"OPENDENTAL_SOURCE_PORT": "port", "POSTGRES_ANALYTICS_SSL_MODE": "maybe"}
        )
        assert "OPENDENTAL_SOURCE_PORT must be a number from 1 to 65535" in message
        assert "POSTGRES_ANALYTICS_SSL_MODE must be one of disabled, preferred" in message
        assert "MYSQL_REPLICATION_HOST is missing" in message

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "3306.5", "", "0x10"])
    def test_a_port_is_a_number_in_range(self, port: str) -> None:
        message = refusal(COMPLETE | {"MYSQL_REPLICATION_PORT": port})
        assert "MYSQL_REPLICATION_PORT must be a number from 1 to 65535" in message

    @pytest.mark.parametrize("name", COMPLETE)
    def test_an_empty_value_is_wrong(self, name: str) -> None:
        assert f"{name} is empty" in refusal(COMPLETE | {name: ""})

    def test_an_empty_variable_does_not_fall_through_to_the_file(self, tmp_path: Path) -> None:
        write_env(tmp_path / ".env_production", COMPLETE)
        with pytest.raises(EnvironmentSettingError, match="OPENDENTAL_SOURCE_DB is empty"):
            Settings.load({"OPENDENTAL_SOURCE_DB": ""}, tmp_path)

    @pytest.mark.parametrize("suffix", ["SSL_CA", "SSL_CERT", "SSL_KEY"])
    def test_a_file_must_exist(self, suffix: str, tmp_path: Path) -> None:
        name = f"OPENDENTAL_SOURCE_{suffix}"
        message = refusal(COMPLETE | {name: str(tmp_path / "nowhere.pem")})
        assert f"{name} must be a file that exists" in message

    @pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
    def test_verifying_needs_a_ca(self, mode: str) -> None:
        message = refusal(COMPLETE | {"POSTGRES_ANALYTICS_SSL_MODE": mode})
        assert "POSTGRES_ANALYTICS_SSL_CA is missing" in message

    @pytest.mark.parametrize("alone", ["SSL_CERT", "SSL_KEY"])
    def test_certificate_and_key_go_together(self, alone: str) -> None:
        message = refusal(COMPLETE | {f"OPENDENTAL_SOURCE_{alone}": __file__})
        assert "OPENDENTAL_SOURCE_SSL_KEY goes together with the certificate" in message

    @pytest.mark.parametrize(
        "replication",
        [
            {"MYSQL_REPLICATION_HOST": "opendental.example"},
            {"MYSQL_REPLICATION_HOST": "OpenDental.Example."},
            {"MYSQL_REPLICATION_HOST": "localhost", "OPENDENTAL_SOURCE_HOST": "127.0.0.1"},
        ],
    )
    def test_the_copy_must_not_overwrite_the_clinic(self, replication: dict[str, str]) -> None:
        same = COMPLETE | {"MYSQL_REPLICATION_DB": "OpenDental"} | replication
        assert "overwrite the clinic" in refusal(same)
        assert Settings.from_dict(same | {"MYSQL_REPLICATION_PORT": "3307"})

    def test_a_schema_name_must_fit_postgres(self) -> None:
        name = "POSTGRES_ANALYTICS_STAGING_SCHEMA"
        assert f"{name} must have at most 63 bytes" in refusal(COMPLETE | {name: "ä" * 32})
        settings = Settings.from_dict(COMPLETE | {name: "s" * 63})
        assert settings.schema_name(PostgresSchema.STAGING) == "s" * 63

    def test_a_broken_line_of_the_env_file_is_told_by_number(self, tmp_path: Path) -> None:
        file = tmp_path / ".env_production"
        file.write_text("# a comment\nOPENDENTAL_SOURCE_PASSWORD='never closed\n")
        with pytest.raises(EnvironmentSettingError, match=r"\.env_production: .* line 2") as caught:
            Settings.load(COMPLETE, tmp_path)
        assert "never closed" not in str(caught.value)

    def test_an_env_file_that_is_no_text_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / ".env_production").write_bytes(b"A='\xff'")
        with pytest.raises(EnvironmentSettingError, match="text file in UTF-8"):
            Settings.load(COMPLETE, tmp_path)

    def test_a_value_that_is_no_unicode_is_refused(self) -> None:
        message = refusal(COMPLETE | {"OPENDENTAL_SOURCE_USER": "\udcff"})
        assert "OPENDENTAL_SOURCE_USER must be text in UTF-8" in message


class TestPasswordsNeverBecomeText:
    """A text that is the same for every password holds nothing of any."""

    @unhurried
    @given(password=passwords)
    def test_not_in_settings(self, password: str) -> None:
        def texts(word: str) -> list[str]:
            settings = Settings.from_dict(
                {name: word if "PASSWORD" in name else value for name, value in COMPLETE.items()}
            )
            connections = [settings.connection(kind) for kind in DatabaseType]
            things: list[object] = [settings, *connections]
            things += [f() for c in connections for f in (c.url, c.connect_args, c.describe)]
            return [f(thing) for f in (str, repr) for thing in things] + [
                settings.model_dump_json(),
                str(settings.model_dump()),
            ]

        assert texts(password) == texts("another")

    @unhurried
    @given(password=passwords)
    def test_not_in_a_refusal(self, password: str) -> None:
        def message(word: str) -> str:
            values: dict[str, object] = dict.fromkeys(COMPLETE, word)
            return refusal(values | {"OPENDENTAL_SOURCE_PORT": "-", "POSTGRES_ANALYTICS_DB": ""})

        assert message(password) == message("another") or not password.strip()

    @unhurried
    @given(password=passwords.filter(lambda word: not word.strip().isdigit()))
    @example(password="é" * 200)
    def test_not_even_in_the_wrong_variable(self, password: str) -> None:
        def message(word: str) -> str:
            wrong = ("PORT", "SSL_MODE", "SSL_CA", "SSL_KEY")
            return refusal(COMPLETE | {f"OPENDENTAL_SOURCE_{name}": word for name in wrong})

        assert message(f"-{password}") == message("-another")

    @unhurried
    @given(password=passwords)
    def test_not_in_the_errors_of_the_models(self, password: str) -> None:
        def texts(word: str) -> tuple[str, str]:
            with pytest.raises(ModelError) as caught:
                ConnectionConfig.model_validate({"type": "source", "port": "-", "password": word})
            return str(caught.value), repr(caught.value)

        assert texts(password) == texts("another")

    def test_not_when_dlts_toml_is_broken(self, dlt_project: Path) -> None:
        (dlt_project / ".dlt").mkdir()
        (dlt_project / ".dlt" / "secrets.toml").write_text(
            "[sources.opendental.credentials]\npassword = open-word\n"
        )
        script = "from opendental_pipeline.settings.environment import Settings; Settings.load({})"
        # dlt reads its files when it is first asked, so a process of its own is needed
        run = subprocess.run(
            [sys.executable, "-c", script],
            cwd=dlt_project,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "DLT_PROJECT_DIR": str(dlt_project)},
            capture_output=True,
            text=True,
        )
        assert "EnvironmentSettingError: dlt cannot read its settings" in run.stderr
        assert "See line 2" in run.stderr
        assert "open-word" not in run.stderr + run.stdout


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `cert.pem`, which is also its own authority, and `key.pem`.

    PostgreSQL's package, which these tests need anyway, brings openssl along.
    """
    directory = tmp_path_factory.mktemp("tls")
    options = "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        ["openssl", "req", *options.split(), "-out", "cert.pem", "-keyout", "key.pem"],
        cwd=directory,
        check=True,
        capture_output=True,
    )
    return directory


class Line(Protocol):
    """What a connection of PyMySQL knows of TLS, most of which its stubs leave out."""

    ctx: ssl.SSLContext
    ssl: bool
    _ssl_required: bool


def pymysql_line(tls: Tls) -> Line:
    """How PyMySQL itself understands the arguments; it connects to nothing yet."""
    config = connection(DatabaseType.SOURCE, tls)
    return cast(Line, pymysql.Connection(defer_connect=True, **config.connect_args()))


def connection(kind: DatabaseType, tls: Tls) -> ConnectionConfig:
    return ConnectionConfig(type=kind, host="h", database="d", user="u", password="p", tls=tls)


class TestConnections:
    def test_the_url_names_driver_port_and_charset(self) -> None:
        settings = Settings.from_dict(COMPLETE | {"OPENDENTAL_SOURCE_PASSWORD": "p@:/?#"})
        source, analytics = settings.source.url(), settings.analytics.url()
        assert (source.drivername, source.port) == ("mysql+pymysql", 3306)
        assert source.query == {"charset": "utf8mb4"}
        assert source.password == "p@:/?#"
        assert (analytics.drivername, analytics.port) == ("postgresql+psycopg2", 5432)

    def test_an_address_with_colons_is_bracketed(self) -> None:
        settings = Settings.from_dict(COMPLETE | {"OPENDENTAL_SOURCE_HOST": "fe80::1"})
        assert settings.source.describe() == "reader@[fe80::1]:3306/opendental"

    def test_equal_settings_are_equal_and_nothing_changes_them(self) -> None:
        one, other = Settings.from_dict(COMPLETE), Settings.from_dict(COMPLETE)
        assert one == other and hash(one) == hash(other)
        with pytest.raises(ModelError):
            one.source.host = "elsewhere"  # type: ignore[misc]

    def test_every_server_and_schema_can_be_asked_for(self) -> None:
        settings = Settings.from_dict(COMPLETE)
        assert [settings.connection(kind).type for kind in DatabaseType] == list(DatabaseType)
        assert [settings.schema_name(schema) for schema in PostgresSchema] == list(PostgresSchema)

    def test_mysql_disabled_uses_no_tls(self) -> None:
        assert not pymysql_line(Tls(mode=TlsMode.DISABLED)).ssl

    def test_mysql_preferred_uses_tls_when_it_is_offered(self) -> None:
        line = pymysql_line(Tls())
        assert line.ssl and not line._ssl_required

    def test_mysql_required_insists_but_checks_nothing(self) -> None:
        line = pymysql_line(Tls(mode=TlsMode.REQUIRED))
        assert line._ssl_required
        assert (line.ctx.verify_mode, line.ctx.check_hostname) == (ssl.CERT_NONE, False)

    def test_mysql_required_with_a_certificate_sends_it_and_checks_nothing(
        self, certificate: Path
    ) -> None:
        files = {"cert": certificate / "cert.pem", "key": certificate / "key.pem"}
        line = pymysql_line(Tls(mode=TlsMode.REQUIRED, **files))
        assert line._ssl_required and line.ctx.verify_mode is ssl.CERT_NONE

    def test_mysql_verify_ca_checks_the_certificate_only(self, certificate: Path) -> None:
        line = pymysql_line(Tls(mode=TlsMode.VERIFY_CA, ca=certificate / "cert.pem"))
        assert line._ssl_required
        assert (line.ctx.verify_mode, line.ctx.check_hostname) == (ssl.CERT_REQUIRED, False)

    def test_mysql_verify_full_checks_the_host_too(self, certificate: Path) -> None:
        line = pymysql_line(Tls(mode=TlsMode.VERIFY_FULL, ca=certificate / "cert.pem"))
        assert line._ssl_required
        assert (line.ctx.verify_mode, line.ctx.check_hostname) == (ssl.CERT_REQUIRED, True)

    @pytest.mark.parametrize("kind", [DatabaseType.SOURCE, DatabaseType.ANALYTICS])
    @pytest.mark.parametrize("mode", [TlsMode.PREFERRED, TlsMode.REQUIRED])
    def test_a_ca_that_is_given_is_checked_against(
        self, kind: DatabaseType, mode: TlsMode, certificate: Path
    ) -> None:
        ca = certificate / "cert.pem"
        asked = connection(kind, Tls(mode=mode, ca=ca)).connect_args()
        assert asked == connection(kind, Tls(mode=TlsMode.VERIFY_CA, ca=ca)).connect_args()

    @pytest.mark.parametrize(
        ("mode", "expected"),
        [
            (TlsMode.DISABLED, "disable"),
            (TlsMode.PREFERRED, "prefer"),
            (TlsMode.REQUIRED, "require"),
        ],
    )
    def test_postgres_has_words_of_its_own(self, mode: TlsMode, expected: str) -> None:
        arguments = connection(DatabaseType.ANALYTICS, Tls(mode=mode)).connect_args()
        assert arguments == {"sslmode": expected}

    def test_libpq_knows_every_argument(self, certificate: Path) -> None:
        cert, key = certificate / "cert.pem", certificate / "key.pem"
        tls = Tls(mode=TlsMode.VERIFY_FULL, ca=cert, cert=cert, key=key)
        arguments = connection(DatabaseType.ANALYTICS, tls).connect_args()
        assert psycopg2.extensions.parse_dsn(psycopg2.extensions.make_dsn(**arguments)) == {
            "sslmode": "verify-full",
            "sslrootcert": str(cert),
            "sslcert": str(cert),
            "sslkey": str(key),
        }
