"""All clinics of this machine's home, seen together: whether each has databases of its own."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from opendental_pipeline.settings.clinic import VARIABLE, clinics
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

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "ClinicGroup":
        """Reads the settings of each.

        Args:
            environ: the variables of the process.

        Raises:
            EnvironmentSettingError: there is no clinic, or two share a database.
        """
        settings, faults = {}, {}
        for name in clinics():
            try:
                settings[name] = Settings.load({**environ, VARIABLE: name})
            except ConfigurationError as error:
                faults[name] = str(error)
        if not settings and not faults:
            raise EnvironmentSettingError(
                "there is no clinic: make clinics/NAME/ with an .env_production for each"
            )
        group = cls(settings, faults)
        group.check_apart()
        return group

    @property
    def names(self) -> tuple[str, ...]:
        """Of all of them."""
        return tuple(sorted({*self.settings, *self.faults}))

    def check_apart(self) -> None:
        """Sees that no two clinics read or write the same.

        Raises:
            EnvironmentSettingError: two do; all of them are named.
        """
        users: dict[tuple[object, ...], list[str]] = defaultdict(list)
        for name, settings in self.settings.items():
            for kind in DatabaseType:
                raw = settings.schema_name(PostgresSchema.RAW)
                schema = f", schema {raw}" if kind is DatabaseType.ANALYTICS else ""
                host, port, database = settings.connection(kind).address
                users[kind, host, port, database, schema].append(name)
        shared = [
            f"  {kind} {host}:{port}/{database}{schema}: {', '.join(some)}"
            for (kind, host, port, database, schema), some in users.items()
            if len(some) > 1
        ]
        if shared:
            raise EnvironmentSettingError(
                "\n".join(["each clinic needs databases of its own; these are shared:", *shared])
            )
