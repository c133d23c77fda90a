"""One server as a value: where it is, who we are there, and how the line to it is encrypted."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from sqlalchemy import URL

from opendental_pipeline.settings.config_model import ConfigModel
from opendental_pipeline.settings.tls import unchecked


def _existing(path: Path) -> Path:
    # a text that is too long for a path, such as a password in the wrong place, is no file either
    try:
        found = path.is_file()
    except OSError:
        found = False
    if not found:
        raise ValueError("must be a file that exists")
    return path


_File = Annotated[Path, AfterValidator(_existing)]


class DatabaseType(StrEnum):
    """The three servers: OpenDental's own MySQL, its exact copy, and PostgreSQL."""

    SOURCE = "source"
    REPLICATION = "replication"
    ANALYTICS = "analytics"


class PostgresSchema(StrEnum):
    """The schemas of the analytics database: `raw` is loaded here, dbt makes the others."""

    RAW = "raw"
    STAGING = "staging"
    INTERMEDIATE = "intermediate"
    MARTS = "marts"


class TlsMode(StrEnum):
    """How much a connection insists on encryption, in MySQL's words."""

    DISABLED = "disabled"
    PREFERRED = "preferred"
    REQUIRED = "required"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


def _fits_postgres(name: str) -> str:
    # PostgreSQL counts bytes (NAMEDATALEN - 1) and cuts the rest off in silence.
    if len(name.encode()) > 63:
        raise ValueError("must have at most 63 bytes, PostgreSQL's limit for a name")
    return name


Text = Annotated[str, StringConstraints(min_length=1)]
SchemaName = Annotated[Text, AfterValidator(_fits_postgres)]


class SchemaNames(ConfigModel):
    """The real names of the analytics schemas, each the schema's own name unless set."""

    raw: SchemaName = PostgresSchema.RAW.value
    staging: SchemaName = PostgresSchema.STAGING.value
    intermediate: SchemaName = PostgresSchema.INTERMEDIATE.value
    marts: SchemaName = PostgresSchema.MARTS.value


class Tls(ConfigModel):
    """How a connection is encrypted and which files it uses.

    Args:
        mode: `preferred` encrypts when the server offers it, `required` refuses otherwise,
            `verify-ca` also checks the server's certificate, `verify-full` its host name too.
        ca: certificates of the authorities to trust; the verifying modes need it.
        cert: our own certificate; goes together with `key`.
        key: the private key of `cert`.
    """

    mode: TlsMode = Field(TlsMode.PREFERRED, description=f"one of {', '.join(TlsMode)}")
    ca: _File | None = Field(None, description="a file that exists", validate_default=True)
    cert: _File | None = Field(None, description="a file that exists")
    key: _File | None = Field(None, description="a file that exists", validate_default=True)

    @property
    def effective_mode(self) -> TlsMode:
        """What is asked of the server: a file that is given is used, never passed over.

        So a `ca` is checked against, and a `cert` is not sent "if possible". This is also what
        libpq makes of `require` with a root certificate.
        """
        if self.mode in (TlsMode.PREFERRED, TlsMode.REQUIRED) and self.ca is not None:
            return TlsMode.VERIFY_CA
        if self.mode is TlsMode.PREFERRED and self.cert is not None:
            return TlsMode.REQUIRED
        return self.mode

    def pymysql_args(self) -> dict[str, Any]:
        """The `ssl` arguments of `pymysql.connect`."""
        mode = self.effective_mode
        if mode is TlsMode.DISABLED:
            return {"ssl_disabled": True}
        if mode is TlsMode.PREFERRED:
            return {}  # PyMySQL's own default: encrypted when the server can
        if mode is TlsMode.REQUIRED and self.cert is None:
            # No ssl_* argument means "encrypt, check nothing": false ones count as not given.
            return {"ssl": unchecked()}
        return self._files("ssl_ca", "ssl_cert", "ssl_key") | {
            "ssl_verify_cert": mode is not TlsMode.REQUIRED,
            "ssl_verify_identity": mode is TlsMode.VERIFY_FULL,
        }

    def libpq_args(self) -> dict[str, Any]:
        """The `ssl` arguments of `psycopg2.connect`."""
        names = {
            TlsMode.DISABLED: "disable",
            TlsMode.PREFERRED: "prefer",
            TlsMode.REQUIRED: "require",
        }
        mode = names.get(self.effective_mode, self.effective_mode.value)
        return {"sslmode": mode} | self._files("sslrootcert", "sslcert", "sslkey")

    def _files(self, *names: str) -> dict[str, Any]:
        paths = zip(names, (self.ca, self.cert, self.key), strict=True)
        return {name: str(path) for name, path in paths if path is not None}

    @field_validator("ca")
    @classmethod
    def _verifying_needs_a_ca(cls, ca: _File | None, info: ValidationInfo) -> _File | None:
        if ca is None and info.data.get("mode") in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            raise ValueError("is missing: verify-ca and verify-full need it")
        return ca

    @field_validator("key")
    @classmethod
    def _cert_and_key_are_a_pair(cls, key: _File | None, info: ValidationInfo) -> _File | None:
        if "cert" in info.data and (info.data["cert"] is None) != (key is None):
            raise ValueError("goes together with the certificate: set both or neither")
        return key


def _default_port(data: dict[str, Any]) -> int:
    return 5432 if data.get("type") is DatabaseType.ANALYTICS else 3306


class ConnectionConfig(ConfigModel):
    """How one of the three databases is reached. No text form of it holds the password.

    Args:
        type: which of the three this is; decides driver and default port.
        port: 3306 for MySQL and 5432 for PostgreSQL unless given.
        host: the server's name or address.
        database: the database's name.
        user: whom to log in as.
        password: that user's password.
        tls: encryption; used when the server offers it unless told otherwise.
        schemas: the real names of the schemas; means something for analytics only.
    """

    type: DatabaseType
    port: int = Field(
        default_factory=_default_port, ge=1, le=65535, description="a number from 1 to 65535"
    )
    host: Text
    database: Text
    user: Text
    password: Annotated[SecretStr, Field(min_length=1)]
    tls: Tls = Tls()
    schemas: SchemaNames = SchemaNames()

    @property
    def address(self) -> tuple[str, int, str]:
        """Host, port and database, so that two spellings of one place are equal.

        MySQL on Windows, where most clinics keep it, takes database names in any case.
        """
        host = "localhost" if self.is_local else self.host.casefold().rstrip(".")
        return host, self.port, self.database.casefold()

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return self.host.casefold().rstrip(".") in ("localhost", "127.0.0.1", "::1")

    def url(self) -> URL:
        """The address for SQLAlchemy, password included; its `str` and `repr` hide it."""
        is_postgres = self.type is DatabaseType.ANALYTICS
        return URL.create(
            "postgresql+psycopg2" if is_postgres else "mysql+pymysql",
            username=self.user,
            password=self.password.get_secret_value(),
            host=self.host,
            port=self.port,
            database=self.database,
            query={} if is_postgres else {"charset": "utf8mb4"},
        )

    def connect_args(self) -> dict[str, Any]:
        """What the driver needs besides the address: its arguments for TLS."""
        is_postgres = self.type is DatabaseType.ANALYTICS
        return self.tls.libpq_args() if is_postgres else self.tls.pymysql_args()

    def describe(self) -> str:
        """The place in words for messages, for example `etl@db.clinic:3306/opendental`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{host}:{self.port}/{self.database}"

    @property
    def place(self) -> str:
        """Which of the three it is, and where, in words for messages."""
        return f"{self.type} ({self.describe()})"

    def schema_name(self, schema: PostgresSchema) -> str:
        """The real name of a schema."""
        name: str = getattr(self.schemas, schema.value)
        return name
