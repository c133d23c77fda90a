"""Settings: the three servers of a run, and who says what about them.

Who wins is said once, in `variables`. Rules stand beside the fields they are about.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pydantic
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from opendental_pipeline.settings.config_model import ConfigModel
from opendental_pipeline.settings.connection import (
    ConnectionConfig,
    DatabaseType,
    PostgresSchema,
    SchemaNames,
    Tls,
    TlsMode,
)
from opendental_pipeline.settings.variables import Answers, Environment, Variable

__all__ = [
    "ConnectionConfig",
    "DatabaseType",
    "Environment",
    "PostgresSchema",
    "SchemaNames",
    "Settings",
    "Tls",
    "TlsMode",
]


_COPY = (DatabaseType.REPLICATION, "DB")


def _variables() -> Iterator[Variable]:
    """Every setting there is, derived from the three servers and their fields."""
    servers = (
        (DatabaseType.SOURCE, "OPENDENTAL_SOURCE", "sources.opendental"),
        (DatabaseType.REPLICATION, "MYSQL_REPLICATION", "destination.replication"),
        (DatabaseType.ANALYTICS, "POSTGRES_ANALYTICS", "destination.raw"),
    )
    fields = (
        ("HOST", ("host",), "host"),
        ("PORT", ("port",), "port"),
        ("DB", ("database",), "database"),
        ("USER", ("user",), "username"),
        ("PASSWORD", ("password",), "password"),
        ("SSL_MODE", ("tls", "mode"), "ssl_mode"),
        ("SSL_CA", ("tls", "ca"), "ssl_ca"),
        ("SSL_CERT", ("tls", "cert"), "ssl_cert"),
        ("SSL_KEY", ("tls", "key"), "ssl_key"),
    )
    for kind, name, section in servers:
        for suffix, place, key in fields:
            path = f"{section}.credentials.{key}"
            common = "opendental_replication" if (kind, suffix) == _COPY else None
            is_secret = place == ("password",)
            yield Variable(f"{name}_{suffix}", (kind, *place), path, is_secret, common)
    schemas = (DatabaseType.ANALYTICS, "schemas")
    # The load writes into raw, so raw alone is dlt's dataset; dbt makes the others.
    yield Variable(
        "POSTGRES_ANALYTICS_SCHEMA",
        (*schemas, PostgresSchema.RAW),
        "destination.raw.dataset_name",
        common="raw",
    )
    for schema in (PostgresSchema.STAGING, PostgresSchema.INTERMEDIATE, PostgresSchema.MARTS):
        yield Variable(f"POSTGRES_ANALYTICS_{schema.upper()}_SCHEMA", (*schemas, schema))
    yield Variable("ETL_HASH_KEY", ("hash_key",), "sources.opendental.hash_key", is_secret=True)


VARIABLES = tuple(_variables())


class Settings(ConfigModel):
    """What a run must know before it connects to anything; one instance, passed in.

    Args:
        environment: `production` or `test`; in `test` the databases that are written to must
            have `test` in their names.
        source: OpenDental's own MySQL, read only.
        replication: the MySQL that holds its exact copy; never the source itself.
        analytics: the PostgreSQL that dbt reads.
        hash_key: the key of columns that are copied as a hash; None if there are none.
    """

    environment: Environment
    source: ConnectionConfig
    replication: ConnectionConfig
    analytics: ConnectionConfig
    hash_key: SecretStr | None = Field(
        default=None, min_length=16, description="a secret of 16 characters or more"
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Self:
        """Read the settings of this machine.

        Args:
            environ: the variables of the process.
            directory: where `.env_production` and `.env_test` lie; this machine's home if not
                given. dlt looks where it always does: in its own project directory and the real
                process environment.

        Raises:
            EnvironmentSettingError: every missing or wrong setting, one per line.
        """
        return cls._resolve(Answers.of_machine(environ, directory))

    @classmethod
    def common_raw(cls, environ: Mapping[str, str] = os.environ) -> str:
        """The schema that raw would have if there were only one clinic.

        Args:
            environ: the variables of the process, which name none.

        Raises:
            EnvironmentSettingError: a file cannot be read.
        """
        (variable,) = (one for one in VARIABLES if one.name == "POSTGRES_ANALYTICS_SCHEMA")
        found = Answers.of_machine(environ).put([variable], {})
        schemas = found.get(DatabaseType.ANALYTICS, {}).get("schemas", {})
        return str(schemas.get(PostgresSchema.RAW, variable.common))

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Build settings from these values alone: no file, no process environment, no dlt.

        Args:
            values: what the environment would hold, without any prefix, for example
                `{"OPENDENTAL_SOURCE_HOST": "127.0.0.1", "ETL_ENVIRONMENT": "test", ...}`.

        Raises:
            EnvironmentSettingError: every missing or wrong setting, one per line.
        """
        return cls._resolve(Answers.of_values(values))

    def connection(self, database: DatabaseType) -> ConnectionConfig:
        """The connection of one of the three servers."""
        connection: ConnectionConfig = getattr(self, database.value)
        return connection

    def schema_name(self, schema: PostgresSchema) -> str:
        """The real name of a schema of the analytics database."""
        return self.analytics.schema_name(schema)

    @field_validator("replication")
    @classmethod
    def _spares_the_clinic(cls, value: ConnectionConfig, info: ValidationInfo) -> ConnectionConfig:
        source: ConnectionConfig | None = info.data.get("source")
        if source is not None and source.address == value.address:
            raise ValueError(
                "is the source's own database, on the same host and port: "
                "the copy would overwrite the clinic"
            )
        return value

    @field_validator("replication", "analytics")
    @classmethod
    def _spares_production(cls, value: ConnectionConfig, info: ValidationInfo) -> ConnectionConfig:
        if info.data.get("environment") == "test" and "test" not in value.database.casefold():
            raise ValueError("must have `test` in its name: the environment is test")
        return value

    @classmethod
    def _resolve(cls, answers: Answers) -> Self:
        """Let the models judge what is said."""
        servers: dict[str, Any] = {kind.value: {"type": kind} for kind in DatabaseType}
        try:
            return cls(environment=answers.environment, **answers.put(VARIABLES, servers))
        except pydantic.ValidationError as error:
            raise answers.refusal(error, cls, VARIABLES) from None
