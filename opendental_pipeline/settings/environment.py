"""Settings: the three servers of a run, and who says what about them.

Who wins is said once, in `Settings.load`: the process environment, then the file
`.env_<environment>`, then dlt's own way (its toml files, its variables, its vaults). The
environment `test` knows only variables that begin with `TEST_` and never asks dlt, so that a
test cannot meet a real database by accident; `production` never reads those variables.

Rules stand beside the fields they are about. A message names variables and never shows a value:
people put passwords into the wrong line.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

import dlt
import pydantic
from dlt.common.configuration.exceptions import ConfigProviderException
from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from opendental_pipeline.settings.config_model import ConfigModel
from opendental_pipeline.settings.connection import (
    ConnectionConfig,
    DatabaseType,
    PostgresSchema,
    SchemaNames,
    Tls,
    TlsMode,
)
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home

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

Environment = Literal["production", "test"]


class Variable(NamedTuple):
    """One setting: its name in the environment, its place in the models, its path in dlt."""

    name: str
    place: tuple[str, ...]
    dlt_path: str | None = None

    @property
    def is_secret(self) -> bool:
        """Whether only providers that may hold secrets are asked."""
        return self.place[-1] in ("password", "hash_key")

    def put(self, tree: dict[str, Any], value: str) -> None:
        """Write the value at this variable's place; only a secret keeps its outer blanks."""
        for part in self.place[:-1]:
            tree = tree.setdefault(part, {})
        tree[self.place[-1]] = value if self.is_secret else value.strip()


_Provider = Callable[[Variable], object]


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
            yield Variable(f"{name}_{suffix}", (kind, *place), f"{section}.credentials.{key}")
    schemas = (DatabaseType.ANALYTICS, "schemas")
    # The load writes into raw, so raw alone is dlt's dataset; dbt makes the others.
    yield Variable(
        "POSTGRES_ANALYTICS_SCHEMA", (*schemas, PostgresSchema.RAW), "destination.raw.dataset_name"
    )
    for schema in (PostgresSchema.STAGING, PostgresSchema.INTERMEDIATE, PostgresSchema.MARTS):
        yield Variable(f"POSTGRES_ANALYTICS_{schema.upper()}_SCHEMA", (*schemas, schema))
    yield Variable("ETL_HASH_KEY", ("hash_key",), "sources.opendental.hash_key")


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
        environment = _environment(environ)
        file = f".env_{environment}"
        written = _read_env_file((directory or home()) / file)
        prefix = "TEST_" if environment == "test" else ""
        hint = f"set it in the process environment or {file}"
        providers: list[_Provider] = [
            lambda variable: environ.get(prefix + variable.name),
            lambda variable: written.get(prefix + variable.name),
        ]
        if environment == "production":
            providers.append(_from_dlt)
            hint += ", or {dlt_path} in .dlt/secrets.toml"
        return cls._resolve(environment, providers, prefix, hint)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Build settings from these values alone: no file, no process environment, no dlt.

        Args:
            values: what the environment would hold, without any prefix, for example
                `{"OPENDENTAL_SOURCE_HOST": "127.0.0.1", "ETL_ENVIRONMENT": "test", ...}`.

        Raises:
            EnvironmentSettingError: every missing or wrong setting, one per line.
        """
        providers = [lambda variable: values.get(variable.name)]
        return cls._resolve(_environment(values), providers, "", "add it to the dictionary")

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
    def _resolve(
        cls, environment: str, providers: Iterable[_Provider], prefix: str, hint: str
    ) -> Self:
        """Ask the providers in order for every variable, and let the models judge the answers."""
        found: dict[str, Any] = {kind.value: {"type": kind} for kind in DatabaseType}
        for variable in VARIABLES:
            answers = (provider(variable) for provider in providers)
            answer = next((answer for answer in answers if answer is not None), None)
            if answer is not None:
                variable.put(found, str(answer))
        try:
            return cls(environment=environment, **found)
        except pydantic.ValidationError as error:
            faults = [
                _fault(detail, prefix, hint)
                for detail in error.errors(include_input=False, include_url=False)
            ]
        raise EnvironmentSettingError(
            "\n".join(
                [f"settings of environment {environment} are missing or wrong:"]
                + [f"  {fault}" for fault in faults]
                + ["Nothing was connected to."]
            )
        )


def _environment(values: Mapping[str, object]) -> str:
    """The environment's name: the first of three variables that is set, else production."""
    names = ("ETL_ENVIRONMENT", "ENVIRONMENT", "APP_ENV")
    chosen = next((name for name in names if name in values), None)
    if chosen is None:
        return "production"
    environment = str(values[chosen]).strip()
    if environment not in get_args(Environment):
        raise EnvironmentSettingError(
            f"{chosen} must be {' or '.join(get_args(Environment))}; without it and without "
            f"{' and '.join(name for name in names if name != chosen)} production is meant."
        )
    return environment


def _read_env_file(path: Path) -> dict[str, str]:
    """The variables of an env file, as written: `$` in a password means `$`."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise EnvironmentSettingError(
            f"{path.name} cannot be read ({type(error).__name__}): it must be a text file in UTF-8."
        ) from None
    if wrong := [binding.original.line for binding in bindings if binding.error]:
        lines = ", ".join(map(str, wrong))
        raise EnvironmentSettingError(f"{path.name}: not NAME='value' in line {lines}.")
    return {b.key: b.value for b in bindings if b.key is not None and b.value is not None}


def unreadable_files(error: Exception) -> EnvironmentSettingError:
    """The error that says where dlt's own files are wrong.

    Args:
        error: of who reads them; its words may quote the file, so only the position is passed on.
    """
    place = re.search(r"line \d+", str(error))
    return EnvironmentSettingError(
        "dlt cannot read its settings; is .dlt/secrets.toml or .dlt/config.toml valid TOML?"
        + (f" See {place.group()}." if place else "")
    )


def _from_dlt(variable: Variable) -> object:
    """What dlt's own providers know about a setting."""
    if variable.dlt_path is None:
        return None
    try:
        # dlt.secrets also reads mounted secret files, and never config.toml.
        return (dlt.secrets if variable.is_secret else dlt.config).get(variable.dlt_path)
    except ConfigProviderException as error:
        raise unreadable_files(error) from None


def _fault(error: ErrorDetails, prefix: str, hint: str) -> str:
    """One line about one setting: its name, what is wrong, what to do."""
    loc = tuple(map(str, error["loc"]))
    # A rule between two servers is reported at the name of the database it protects.
    places = (loc, (*loc, "database"))
    variable = next(variable for variable in VARIABLES if variable.place in places)
    name = prefix + variable.name
    match error["type"]:
        case "missing":
            return f"{name} is missing: {hint.format(dlt_path=variable.dlt_path)}"
        case "string_too_short" | "too_short" if error["ctx"]["min_length"] == 1:
            return f"{name} is empty"
        case "value_error":
            return f"{name} {error['ctx']['error']}"
        case _:
            return f"{name} must be {_rule(variable.place)}"


def _rule(place: tuple[str, ...]) -> str:
    """The words that stand beside a field of the models."""
    model: Any = Settings
    for part in place[:-1]:
        model = model.model_fields[part].annotation
    field: pydantic.fields.FieldInfo = model.model_fields[place[-1]]
    return field.description or "text in UTF-8"
