"""Writes dbt's sources.yml of the views over all clinics, from what was seen of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from destinations.union_views import CLINIC
from opendental_pipeline.analysis.dbt_sources import (
    NIGHTLY,
    SourceTable,
    sources_text,
    unique_together,
)
from opendental_pipeline.analysis.snapshot import Snapshot
from opendental_pipeline.planning.source_contract import LOAD_STATUS
from opendental_pipeline.settings.observations import analysis_path
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.settings.tables_file import load_tables


@dataclass(frozen=True)
class AnalyzedClinic:
    """What the last analysis of a clinic saw, and what is moved of it.

    Attributes:
        snapshot: of its tables.
        configs: the entries of its tables.yml, by table.
    """

    snapshot: Snapshot
    configs: Mapping[str, TableConfig]

    @classmethod
    def read(cls, tables: Path) -> "AnalyzedClinic":
        """Reads both; a clinic that is down now is known from its analysis before.

        Args:
            tables: its tables.yml; the analysis lies beside it. Without one, nothing is known.

        Raises:
            ValidationError: one of the files cannot be read.
        """
        snapshot = Snapshot.read(analysis_path(tables))
        return cls(snapshot, load_tables(tables).tables if snapshot.generated_at else {})

    @property
    def tables(self) -> Iterable[SourceTable]:
        """Those that are moved, as dbt would read them of this clinic alone."""
        for name, structure in self.snapshot.structures.items():
            config = self.configs.get(name)
            if config and config.enabled:
                columns = (c for c in structure.columns if c not in config.excluded_columns)
                key, age = structure.primary_key, self.snapshot.age(self.snapshot.tables[name])
                yield SourceTable(name, tuple(columns), key, key, age)


def union_sources(clinics: Iterable[AnalyzedClinic], *, schema: str) -> str:
    """The text of a sources.yml for the tables that any clinic has.

    A table is as fresh as where it changes most often, since dbt asks for the newest row of all.
    That the nights of each clinic run is the freshness of the status table: that of the clinic
    that is furthest behind.

    Args:
        clinics: in the order of their names, which is that of the columns in the views.
        schema: of the views.
    """
    found: dict[str, list[SourceTable]] = defaultdict(list)
    for clinic in clinics:
        for table in clinic.tables:
            found[table.name].append(table)
    tables = [_of_all(some) for some in found.values()]
    told = "OpenDental's tables of all clinics, copied every night; _clinic says whose a row is."
    return sources_text(tables, _status_view(), schema=schema, description=told)


def _of_all(tables: Sequence[SourceTable]) -> SourceTable:
    """One table of several clinics, whose versions may differ in columns and key."""
    keys = [table.key for table in tables]
    columns = dict.fromkeys(column for table in tables for column in table.columns)
    # where versions have other keys, those of all together tell apart what each of them does
    key = dict.fromkeys(column for key in keys for column in key) if all(keys) else {}
    always = reduce(set.intersection, [set(key) for key in keys])
    ages = [table.age for table in tables if table.age is not None]
    return SourceTable(
        name=tables[0].name,
        columns=(CLINIC, *columns),
        key=(CLINIC, *key) if key else (),
        required=(CLINIC, *(column for column in key if column in always)),
        age=min(ages, default=None),
    )


def _status_view() -> dict[str, Any]:
    """The status tables of all clinics, by which dbt sees that the nights of each run."""
    behind = (
        "select min(loaded_at) from (select max(last_loaded_at) as loaded_at"
        f" from {{{{ this }}}} group by {CLINIC}) as clinics"
    )
    return {
        "name": LOAD_STATUS,
        "description": "Each table's last load at each clinic; too old when one of them stopped.",
        "config": {"loaded_at_query": behind, "freshness": NIGHTLY},
        "data_tests": [unique_together((CLINIC, "table_name"))],
        "columns": [
            {"name": CLINIC, "data_tests": ["not_null"]},
            {"name": "table_name", "data_tests": ["not_null"]},
            {"name": "load_status"},
            {"name": "last_loaded_at"},
        ],
    }
