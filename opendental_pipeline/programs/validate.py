"""Checks the whole configuration, and says all faults at once; connects to nothing."""

import os
import stat
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from opendental_pipeline.notifying.targets import targets_of
from opendental_pipeline.programs.clinic_processes import ClinicProcesses
from opendental_pipeline.runs.plain_lines import say
from opendental_pipeline.runs.process import NOTHING_DONE, exit_code_of
from opendental_pipeline.settings.backends import check_backends
from opendental_pipeline.settings.clinic_group import ClinicGroup, refuse_shared
from opendental_pipeline.settings.environment import DatabaseType, Settings
from opendental_pipeline.settings.errors import ConfigurationError, ValidationError
from opendental_pipeline.settings.home import home
from opendental_pipeline.settings.notification_settings import NotificationSettings
from opendental_pipeline.settings.tables_file import TablesFile, load_tables
from opendental_pipeline.settings.tuning import ReadingTuning, Tuning, tuning_faults
from opendental_pipeline.settings.unknown_keys import unknown_in_files, unknown_in_variables

VALID = 0

_SECONDS = 5.0
"""That those at work have for their end when somebody interrupts this."""

_SECRET = (".env_production", ".env_test", ".dlt/secrets.toml")


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        if args.all_clinics:
            return _all_clinics(args)
        place = home()
        tunables = tuning_faults()
        settings, tables = _settings(), _tables(are_read=not tunables)
        faults = [
            *(part for part in (settings, tables) if isinstance(part, str)),
            *tunables,
            *_around(Tuning() if tunables else Tuning.load()),
            *unknown_in_files(place),
            *unknown_in_variables(os.environ),
            *readable_by_others(place),
        ]
        if isinstance(settings, Settings) and isinstance(tables, TablesFile):
            faults += _between(settings, tables)
        if faults:
            return _told(list(dict.fromkeys(faults)))
        assert isinstance(tables, TablesFile)
        print(f"{place}: valid; {len(tables.select()):,} tables are moved")
        return VALID

    return exit_code_of(work, Console(stderr=True), "interrupted")


def _all_clinics(args: Namespace) -> int:
    """Checks every clinic by itself, and that no two share a database.

    Raises:
        ConfigurationError: two do, there is none, or one is named.
    """
    if args.clinic:
        raise ValidationError("--all-clinics and --clinic exclude each other")
    names = ClinicGroup.read().names
    ended = ClinicProcesses(args.jobs).run({name: ["validate"] for name in names}, _SECONDS)
    for name, one in ended.items():
        console, told = (Console(stderr=True), one.err) if one.code else (Console(), one.out)
        for line in told.splitlines():
            say(console, f"{name}: {line}")
    return NOTHING_DONE if any(one.code for one in ended.values()) else VALID


def _told(faults: Sequence[str]) -> int:
    console = Console(stderr=True)
    for fault in faults:
        say(console, fault)
    return NOTHING_DONE


def _settings() -> Settings | str:
    try:
        settings = Settings.load()
        refuse_shared()
        return settings
    except ConfigurationError as error:
        return str(error)


def _tables(*, are_read: bool) -> TablesFile | str:
    try:
        # tunables that are wrong say nothing of where it is
        reading = Tuning.load().reading if are_read else ReadingTuning()
        return load_tables(reading.tables_path)
    except ConfigurationError as error:
        return str(error)


def _around(tuning: Tuning) -> Iterator[str]:
    """Who cannot be told how runs end, and what cannot be started then."""
    for check in (
        lambda: targets_of(NotificationSettings.load().urls),
        lambda: tuning.after.arguments,
    ):
        try:
            check()
        except ConfigurationError as error:
            yield str(error)


def _between(settings: Settings, tables: TablesFile) -> Iterator[str]:
    """What does not fit together."""
    selection = tables.select()
    hashed = [config.table_name for config in selection if config.hashed_columns]
    if hashed and settings.hash_key is None:
        yield f"ETL_HASH_KEY is missing, and tables.yml hashes columns of {', '.join(hashed)}"
    try:
        check_backends(selection, settings.connection(DatabaseType.SOURCE))
    except ConfigurationError as error:
        yield str(error)


def readable_by_others(place: Path) -> Iterator[str]:
    """Files with passwords that are not their owner's alone, a sentence each.

    Args:
        place: where they are.
    """
    for file in (path for name in _SECRET for path in (place / name, *_of_clinics(place, name))):
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield f"{file} has passwords, and others on this machine may read it: chmod 600 {file}"


def _of_clinics(place: Path, name: str) -> list[Path]:
    return sorted(place.glob(f"clinics/*/{name}"))
