"""What both bulk loaders share: dlt's hooks, and errors without values."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    DestinationClientConfiguration,
    DestinationClientDwhConfiguration,
    FollowupJobRequest,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema import Schema, TSchemaTables
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.exceptions import DatabaseTerminalException, DatabaseTransientException

from destinations.fence import FencedMysqlClient, FencedPostgresClient
from opendental_pipeline.databases.driver_errors import lock_held, may_pass, reason
from opendental_pipeline.planning.slice import FORMAT, Slice
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import (
    BrakedError,
    LoadingError,
    LockHeldError,
    PipelineError,
    RunStoppedError,
)


class RefusedLoadError(LoadingError, DatabaseTerminalException):
    """A table's rows cannot be written; dlt does not try again."""

    def __init__(self, message: str, *, table: str, hop: str) -> None:
        LoadingError.__init__(self, message, table=table, hop=hop)
        DatabaseTerminalException.__init__(self, self)


class BrakedLoadError(RefusedLoadError, BrakedError):
    """More would be deleted than a run may without asking; nothing was written."""


class LockedTableError(RefusedLoadError, LockHeldError):
    """A table cannot be written since somebody holds a lock on it; dlt does not try again."""


class PassingLoadError(LoadingError, DatabaseTransientException):
    """The server went away, or another transaction was in the way; dlt tries again."""

    def __init__(self, message: str, *, table: str, hop: str) -> None:
        LoadingError.__init__(self, message, table=table, hop=hop)
        DatabaseTransientException.__init__(self, self)


class BulkJob(RunnableLoadJob):
    """Writes one slice of one table in one transaction."""

    hop: ClassVar[str]

    def __init__(self, file_path: str, order: Slice) -> None:
        super().__init__(file_path)
        self._order = order

    def run(self) -> None:
        """Loads the slice.

        Raises:
            RefusedLoadError: a value does not fit or the server refuses; nothing was written.
            PassingLoadError: the server went away, or another transaction was in the way; nothing
                was written.
        """
        order = self._order
        with redact_errors(order.table, self.hop):
            self.write(Path(self._file_path), order)

    @abstractmethod
    def write(self, file: Path, order: Slice) -> None:
        """Writes the file's rows as the slice's order asks."""


class BulkDestination:
    """Answers at once what dlt asks of a destination a dozen times for each load package.

    A mixin before dlt's destination. Each time, dlt would search all configuration for each setting
    of the destination; that took a third of its time.
    """

    config_params: dict[str, Any]

    @staticmethod
    @abstractmethod
    def own_credentials(settings: Settings) -> object:
        """Those of this project's settings, in dlt's words."""

    def configuration(self, initial_config: Any, accept_partial: bool = False) -> Any:
        """Resolves the configuration, by this project's settings where nobody gave credentials.

        Raises:
            EnvironmentSettingError: settings are missing or wrong.
        """
        if not accept_partial and "credentials" not in self.config_params:
            self.config_params["credentials"] = self.own_credentials(Settings.load())
        return super().configuration(initial_config, accept_partial)  # type: ignore[misc]

    def capabilities(
        self,
        config: DestinationClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        """What the destination can do, by its explicit settings if no others are given."""
        if config is not None:
            return self._asked(config, naming)
        known: dict[object, DestinationCapabilitiesContext] = self.__dict__.setdefault("_known", {})
        kind = naming and (type(naming), naming.max_length)
        if kind not in known:
            known[kind] = self._asked(config, naming)
        # dlt writes into what it gets
        return known[kind].copy()

    def _asked(
        self, config: DestinationClientConfiguration | None, naming: NamingConvention | None
    ) -> DestinationCapabilitiesContext:
        found: DestinationCapabilitiesContext = super().capabilities(config, naming)  # type: ignore[misc]
        return found


class BulkClient:
    """What both of dlt's clients leave to this project: the data tables and how they are loaded.

    A mixin before the client of the engine. dlt's own tables stay dlt's.
    """

    bulk_job: ClassVar[type[BulkJob]]
    fenced_client: ClassVar[type[FencedMysqlClient | FencedPostgresClient]]
    schema: Any
    sql_client: Any

    def __init__(
        self,
        schema: Schema,
        config: DestinationClientDwhConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)  # type: ignore[call-arg]
        own, credentials = self.sql_client, cast(Any, config.credentials)
        self.sql_client = self.fenced_client(
            own.dataset_name, own.staging_dataset_name, credentials, capabilities
        )

    def update_stored_schema(
        self,
        only_tables: Iterable[str] | None = None,  # noqa: ARG002  dlt passes it by name
        expected_update: TSchemaTables | None = None,
        force: bool = False,
    ) -> TSchemaTables | None:
        """Makes dlt's own tables; `destinations.evolve_*` makes the others from the catalogue."""
        own = self.schema.dlt_table_names()
        with self.sql_client.altering():
            made: TSchemaTables | None = super().update_stored_schema(own, expected_update, force)  # type: ignore[misc]
        return made

    def should_truncate_table_before_load(self, _: str) -> bool:
        """Never: a reader must not see an empty table."""
        return False

    def should_load_data_to_staging_dataset(self, _: str) -> bool:
        """Never: a job stages its rows in a temporary table of its own."""
        return False

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """A bulk job for the tables of the source, dlt's own jobs for its own tables."""
        if ParsedLoadJobFileName.parse(file_path).file_format == FORMAT:
            return self.bulk_job(file_path, Slice.from_package(str(table["name"])))
        job: LoadJob = super().create_load_job(table, file_path, load_id, restore)  # type: ignore[misc]
        return job

    def complete_load(self, load_id: str) -> None:
        """Writes that a package was loaded, behind the fence."""
        with self.sql_client.begin_transaction():
            super().complete_load(load_id)  # type: ignore[misc]

    def create_table_chain_completed_followup_jobs(
        self, *_: object, **__: object
    ) -> list[FollowupJobRequest]:
        """None: the load job did it all."""
        return []


@contextmanager
def redact_errors(table: str, hop: str) -> Iterator[None]:
    """Turns any error of a driver into one that names table, hop and cause, and no value."""
    try:
        yield
    except RunStoppedError:
        # the run's fault, and not the table's
        raise
    except PipelineError as error:
        error.table, error.hop = error.table or table, error.hop or hop
        raise
    except Exception as error:  # noqa: BLE001  every error leaves here, with another text
        kind: type[PassingLoadError | RefusedLoadError] = RefusedLoadError
        if may_pass(error):
            kind = PassingLoadError
        elif lock_held(error):
            kind = LockedTableError
        raise kind(f"cannot be written: {reason(error)}", table=table, hop=hop) from None
