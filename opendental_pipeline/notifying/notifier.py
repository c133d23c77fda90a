"""The door to messages: tells of a run, of a night that never began, and tries the addresses."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from opendental_pipeline.notifying.composing import changes_of, compose
from opendental_pipeline.notifying.heartbeat import Heartbeat
from opendental_pipeline.notifying.message import Message
from opendental_pipeline.notifying.sending import Job, Sending
from opendental_pipeline.notifying.silence import wanted
from opendental_pipeline.notifying.targets import Target, targets_of
from opendental_pipeline.notifying.told import Told, ToldFile, is_news, keys
from opendental_pipeline.runs.naming import table_options
from opendental_pipeline.runs.report import RunReport
from opendental_pipeline.settings.environment import PostgresSchema, Settings
from opendental_pipeline.settings.errors import ConfigurationError, PipelineError
from opendental_pipeline.settings.notification_settings import NotificationSettings
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import load_tables
from opendental_pipeline.settings.tuning import Tuning
from opendental_pipeline.status.model import PipelineStatus, Problem, State
from opendental_pipeline.status.pipeline_status import pipeline_status


def notify(
    report: RunReport,
    *,
    settings: Settings | None = None,
    tuning: Tuning | None = None,
    to: NotificationSettings | None = None,
) -> tuple[str, ...]:
    """Tells of a run that is over what somebody should know; that all is well, only if asked to.

    Args:
        report: of the run.
        settings: the databases; from the environment and files if not given.
        tuning: the tunables; from dlt's configuration if not given.
        to: who is told; from the environment and files if not given.

    Returns:
        a sentence for each that could not be told.

    Raises:
        ConfigurationError: a setting, an address or a tunable is wrong.
    """
    settings, tuning = settings or Settings.load(), tuning or Tuning.load()
    status: PipelineStatus | None = None
    hurried = tuning.hurried(tuning.notifications.send_seconds)
    # where PostgreSQL is gone, the report alone is told
    with suppress(PipelineError):
        status = pipeline_status(settings=settings, tuning=hurried)
    return Notifier.of(settings, tuning, to).tell(report, status)


@dataclass(frozen=True)
class Notifier:
    """Tells people, and a monitor.

    Attributes:
        tuning: the tunables.
        targets: who gets messages.
        heartbeat: the monitor, if there is one.
        told: what was told last; None where the databases are not known.
        name: of the pipeline, for people.
    """

    tuning: Tuning
    targets: tuple[Target, ...]
    heartbeat: Heartbeat | None
    told: ToldFile | None
    name: str

    @classmethod
    def of(
        cls,
        settings: Settings | None,
        tuning: Tuning | None = None,
        to: NotificationSettings | None = None,
    ) -> "Notifier":
        """Reads and checks the addresses.

        Args:
            settings: the databases; None where they are wrong, which can be told all the same.
            tuning, to: as above.

        Raises:
            ConfigurationError: an address or a tunable is wrong.
        """
        tuning, to = tuning or Tuning.load(), to or NotificationSettings.load()
        url = to.heartbeat_url.get_secret_value()
        heartbeat = Heartbeat(url, tuning.notifications.heartbeat_style) if url else None
        schema = settings.schema_name(PostgresSchema.RAW) if settings else "raw"
        return cls(
            tuning,
            targets_of(to.urls),
            heartbeat,
            ToldFile.of(settings) if settings else None,
            "OpenDental" if schema == "raw" else f"OpenDental {schema}",
        )

    def begin(self, run_id: str) -> Sending:
        """Tells the monitor that a run begins; the run need not wait for its answer.

        Args:
            run_id: names it.
        """
        jobs = {}
        if self.heartbeat:
            jobs[self.heartbeat.name] = partial(self.heartbeat.begin, run_id, self._seconds)
        return Sending(jobs)

    def tell(self, report: RunReport, status: PipelineStatus | None) -> tuple[str, ...]:
        """Tells of a run that is over; see `notify`.

        Args:
            report: of the run.
            status: how everything stands; None where nobody can say.
        """
        problems = status.problems if status else of_report(report)
        message = compose(self.name, problems, report=report)
        return self._tell(problems, report, self._end(report.run_id, report.exit_code, message))

    def tell_all(self, problems: Sequence[Problem], run_id: str, exit_code: int) -> dict[str, str]:
        """Tells of a run of many clinics.

        Args:
            problems: of all of them that somebody wants to hear of.
            run_id: names it.
            exit_code: of it.

        Returns:
            why, by the name of each that could not be told.
        """
        message = compose(self.name, problems)
        return self._send(problems, None, self._end(run_id, exit_code, message))

    def check(self, status: PipelineStatus | PipelineError) -> tuple[str, ...]:
        """Tells what is wrong now, as when a night never began; see `notify`.

        Args:
            status: how everything stands, or why nobody can say.
        """
        if isinstance(status, PipelineStatus):
            return self.check_problems(status.problems)
        unknown = Problem(
            state=State.FAILED,
            text=f"nobody can say how it stands: {status}",
            command="test_connections.py",
        )
        return self._tell([unknown])

    def check_problems(self, problems: Sequence[Problem]) -> tuple[str, ...]:
        """Tells of problems, as of many clinics; see `notify`."""
        return self._tell(problems)

    def test(self) -> tuple[str, ...]:
        """Sends something to everybody, and says who did not take it.

        Raises:
            ConfigurationError: there is nobody.
        """
        self.check_anybody()
        text = "This is a test: messages about the nightly run arrive here.\n"
        jobs = self._jobs(Message(f"{self.name}: a test", text, is_bad=False))
        if self.heartbeat:
            jobs[self.heartbeat.name] = partial(self.heartbeat.test, self._seconds)
        return _sentences(Sending(jobs).end(self._seconds))

    def check_anybody(self) -> None:
        """Sees that there is somebody to tell.

        Raises:
            ConfigurationError: there is not.
        """
        if not self.targets and not self.heartbeat:
            raise ConfigurationError(
                "nobody is told anything: set ETL_NOTIFY_URLS, as to"
                " mailtos://USER:PASSWORD@HOST/?from=…&to=…, or ETL_HEARTBEAT_URL"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """All that are told, for people."""
        names = [target.name for target in self.targets]
        return (*names, self.heartbeat.name) if self.heartbeat else tuple(names)

    def _end(self, run_id: str, exit_code: int, message: Message) -> dict[str, Job]:
        """What tells the monitor, if there is one, how a run ended."""
        if self.heartbeat is None:
            return {}
        end = partial(self.heartbeat.end, run_id, exit_code, message.text, self._seconds)
        return {self.heartbeat.name: end}

    @property
    def _seconds(self) -> float:
        return self.tuning.notifications.send_seconds

    def _tell(
        self,
        problems: Sequence[Problem],
        report: RunReport | None = None,
        more: Mapping[str, Job] | None = None,
    ) -> tuple[str, ...]:
        return _sentences(self._send(problems, report, more or {}))

    def _send(
        self, problems: Sequence[Problem], report: RunReport | None, more: Mapping[str, Job]
    ) -> dict[str, str]:
        if not self.targets and not more:
            return {}
        heard = wanted(problems, self._configs())
        now, at = keys(heard), datetime.now(UTC)
        before = self.told.read() if self.told else None
        repeat = timedelta(hours=self.tuning.notifications.repeat_hours)
        always = report is not None and self.tuning.notifications.every_run
        jobs = dict(more)
        is_told = always or bool(changes_of(report)) or is_news(now, before, at, repeat)
        if is_told:
            recovered = bool(before and before.problems and not now)
            jobs |= self._jobs(compose(self.name, heard, recovered=recovered, report=report))
        failed = Sending(jobs).end(self._seconds)
        # what reached nobody is told again
        reached = any(target.name not in failed for target in self.targets)
        if is_told and reached and self.told:
            self.told.write(Told(at=at, problems=now))
        return failed

    def _jobs(self, message: Message) -> dict[str, Job]:
        return {
            target.name: partial(target.send, message, self._seconds) for target in self.targets
        }

    def _configs(self) -> dict[str, TableConfig]:
        """Where tables.yml is wrong, nobody has silenced anything."""
        try:
            tables = load_tables(self.tuning.reading.tables_path).tables
        except ConfigurationError:
            return {}
        return {config.table_name: config for config in tables.values()}


def _sentences(failed: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}: {reason}" for name, reason in failed.items())


def of_report(report: RunReport) -> list[Problem]:
    """What a run says is wrong, where PostgreSQL cannot say how everything stands.

    Args:
        report: of the run.
    """
    problems = []
    if report.stopped:
        text = f"the run was {report.outcome}: {report.stopped}"
        problems.append(Problem(state=State.FAILED, text=text, command="nightly.py"))
    if report.after and report.after.fault:
        text = f"the command after the run: {report.after.fault}"
        problems.append(Problem(state=State.FAILED, text=text))
    by_error: dict[str, list[str]] = {}
    for name in report.failed:
        by_error.setdefault(report.tables[name].error or "not reached", []).append(name)
    for error, names in by_error.items():
        if error != report.stopped:
            command = f"nightly.py{table_options(names)}"
            failed = Problem(state=State.FAILED, tables=tuple(names), text=error, command=command)
            problems.append(failed)
    return problems
