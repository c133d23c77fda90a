"""What one chooses among in tables.yml and on the command line, which reads it before all else."""

from enum import StrEnum


class Category(StrEnum):
    """The size of a table, which decides how it is grouped."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    TINY = "tiny"


class Priority(StrEnum):
    """Which tables come first; the order here is the order of a run."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class OnNewTables(StrEnum):
    """What to do with tables of the source that tables.yml does not know."""

    ADD = "add"
    REPORT = "report"


class Scheduler(StrEnum):
    """What starts a run every night."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB = "github"
    AIRFLOW = "airflow"
