"""All clinics of this machine's home, seen together: whether each has databases of its own."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opendental_pipeline.settings.clinic import VARIABLE, chosen, clinics
from opendental_pipeline.settings.connection import DatabaseType, PostgresSchema
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import ConfigurationError, EnvironmentSettingError


@dataclass(frozen=True)
class ClinicGroup:
    """All clinics.

    Attributes:
        settings: by clinic, of those whose settings are right.
        faults: what is wrong with those of others, by clinic.
    """

    settings: Mapping[str, Settings]
    faults: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(environ: Mapping[str, str] = os.environ) -> "ClinicGroup":
        """Reads the settings of each.

        Args:
            environ: the variables of the process.

        Raises:
            EnvironmentSettingError: there is no clinic, or two share a database.
        """
        group = _group(environ)
        if not group.names:
            raise EnvironmentSettingError(
                "there is no clinic: make clinics/NAME/ with an .env_production for each"
            )
        if shared := group.shared():
            raise _shared(shared)
        return group

    @property
    def names(self) -> tuple[str, ...]:
        """Of all of them."""
        return tuple(sorted({*self.settings, *self.faults}))

    @property
    def raw_schemas(self) -> dict[str, str]:
        """The schema of raw of each clinic whose settings are right."""
        return {name: one.schema_name(PostgresSchema.RAW) for name, one in self.settings.items()}

    @property
    def without_union(self) -> str:
        """Why there is no place for views over all clinics; empty if there is."""
        if len({one.analytics.address for one in self.settings.values()}) > 1:
            return "the clinics have no PostgreSQL in common, so no views over all of them are made"
        if (common := Settings.common_raw()) in self.raw_schemas.values():
            return f"schema {common} is a clinic's own, so no views over all of them are made"
        return ""

    def union_schema(self) -> str:
        """Where the views over all clinics are.

        Raises:
            EnvironmentSettingError: there are none.
        """
        if self.without_union:
            raise EnvironmentSettingError(self.without_union)
        return Settings.common_raw()

    def shared(self) -> dict[str, list[str]]:
        """What several clinics read or write, with their names."""
        users: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for name, settings in self.settings.items():
            for kind in DatabaseType:
                raw = settings.schema_name(PostgresSchema.RAW)
                schema = f", schema {raw}" if kind is DatabaseType.ANALYTICS else ""
                host, port, database = settings.connection(kind).address
                users[kind, host, port, database, schema].append(name)
        return {
            f"{kind} {host}:{port}/{database}{schema}": names
            for (kind, host, port, database, schema), names in users.items()
            if len(names) > 1
        }


def refuse_shared(environ: Mapping[str, str] = os.environ) -> None:
    """Sees that no other clinic reads or writes what the clinic of this process does.

    Args:
        environ: the variables of the process.

    Raises:
        EnvironmentSettingError: one does.
    """
    if clinic := chosen(environ):
        shared = {
            place: names for place, names in _group(environ).shared().items() if clinic in names
        }
        if shared:
            raise _shared(shared)


def _group(environ: Mapping[str, str]) -> ClinicGroup:
    settings, faults = {}, {}
    for name in clinics():
        try:
            settings[name] = Settings.load({**environ, VARIABLE: name})
        except ConfigurationError as error:
            faults[name] = str(error)
    return ClinicGroup(settings, faults)


def _shared(shared: Mapping[str, Sequence[str]]) -> EnvironmentSettingError:
    lines = [f"  {place}: {', '.join(names)}" for place, names in shared.items()]
    return EnvironmentSettingError(
        "\n".join(["each clinic needs databases of its own; these are shared:", *lines])
    )
