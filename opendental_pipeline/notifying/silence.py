"""What nobody wants to hear: tables of which tables.yml says so."""

from collections.abc import Iterable, Mapping

from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.status.model import Problem, State


def wanted(problems: Iterable[Problem], configs: Mapping[str, TableConfig]) -> list[Problem]:
    """The problems that somebody wants to hear of, with the tables that are meant.

    A drift is told when it is found, with what changed, and is no problem that comes again.

    Args:
        problems: all of them.
        configs: the tables by name; of others everything is wanted.
    """
    heard = []
    for problem in problems:
        if problem.state is State.DRIFTED:
            continue
        names = [name for name in problem.tables if _is_wanted(problem.state, configs.get(name))]
        if names or not problem.tables:
            heard.append(problem.model_copy(update={"tables": tuple(names)}))
    return heard


def _is_wanted(state: State, config: TableConfig | None) -> bool:
    if config is None:
        return True
    if state is State.SLOW:
        return config.monitoring.alert_on_slow_extraction
    return config.monitoring.alert_on_failure
