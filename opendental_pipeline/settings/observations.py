"""What an analysis saw of the tables: kept beside tables.yml, since nobody decides it."""

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import pydantic
from pydantic import BeforeValidator

from opendental_pipeline.settings.config_model import (
    Amount,
    Columns,
    ConfigModel,
    Count,
    Flag,
    as_iso,
    as_sequence,
)
from opendental_pipeline.settings.frozen import Frozen


class Observations(ConfigModel):
    """What an analysis saw of one table.

    Args:
        primary_key: its key's columns; empty for a table without one, None where it is not known.
        estimated_rows: rows when it was analyzed.
        estimated_size_mb: MB when it was analyzed.
        estimated_processing_time_minutes: minutes of a full copy, estimated.
        memory_requirements_mb: MB of memory of a full copy, estimated.
        schema_hash: fingerprint of its columns when it was analyzed.
        last_analyzed: that moment, as ISO text.
        is_modeled: whether dbt reads it.
        dbt_model_types: the layers of dbt that do.
    """

    primary_key: Annotated[Columns | None, BeforeValidator(as_sequence)] = None
    estimated_rows: Count = 0
    estimated_size_mb: Amount = 0.0
    estimated_processing_time_minutes: Amount = 0.0
    memory_requirements_mb: Amount = 0.0
    schema_hash: str | None = None
    last_analyzed: Annotated[str | None, BeforeValidator(as_iso)] = None
    is_modeled: Flag = False
    dbt_model_types: tuple[str, ...] = ()


class _Table(Frozen):
    observed: Observations = Observations()


class _Analysis(Frozen):
    tables: Mapping[str, _Table] = {}


def analysis_path(tables: Path) -> Path:
    """Where the analysis of a tables.yml is kept."""
    return tables.with_suffix(".analysis.json")


def read_observations(tables: Path) -> Mapping[str, Observations]:
    """Reads what the last analysis saw, by table; nothing where there is no such file.

    A run can do without, so a file that cannot be read is logged and no error.

    Args:
        tables: the tables.yml that it lies beside.
    """
    path = analysis_path(tables)
    try:
        read = _Analysis.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, pydantic.ValidationError):
        _say_once(path)
        return {}
    return {name: table.observed for name, table in read.tables.items()}


@cache
def _say_once(path: Path) -> None:
    """Whoever tells of a run reads the tables again."""
    logging.getLogger(__name__).warning(
        "%s cannot be read, so sizes, keys and schema drift of the tables are not known; restore"
        " it, or delete it and run pipelines/analyze.py",
        path,
    )
