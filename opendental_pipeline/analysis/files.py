"""The files of an analysis: tables.yml, and what lies beside it."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opendental_pipeline.analysis.analyzer import Analysis
from opendental_pipeline.analysis.changes import (
    Changelog,
    ChangelogEntry,
    changelog_entry,
    changelog_path,
    compare,
    no_models,
)
from opendental_pipeline.analysis.dbt import DbtProject
from opendental_pipeline.analysis.snapshot import Snapshot
from opendental_pipeline.analysis.writing import write
from opendental_pipeline.editing.kept_file import KeptFile
from opendental_pipeline.planning.source_contract import check_contract
from opendental_pipeline.settings.errors import SchemaError, ValidationError
from opendental_pipeline.settings.observations import analysis_path
from opendental_pipeline.settings.tables_file import TablesFile, parse_tables
from opendental_pipeline.settings.text_file import replace_text, unwritable_reason

_TIMES = re.compile(r"^\s*generated_at:")


@dataclass(frozen=True)
class AnalysisPaths:
    """Where an analysis is written.

    Args:
        tables: tables.yml; the others have its name, and lie beside it.
    """

    tables: Path

    @property
    def analysis(self) -> Path:
        """What the analysis saw and chose, for the next one."""
        return analysis_path(self.tables)

    @property
    def changes(self) -> Path:
        """The changelog of the source's schema, for people; the same as JSON lies beside it."""
        return changelog_path(self.tables).with_suffix(".md")


@dataclass(frozen=True)
class Outcome:
    """What an analysis wrote.

    Attributes:
        tables: the file, read again.
        changes: of the source's schema since the last analysis; None if there were none.
        diff: of tables.yml, without its times.
        backup: where the text before is kept; None where nothing but times is different.
    """

    tables: TablesFile
    changes: ChangelogEntry | None
    diff: tuple[str, ...]
    backup: Path | None


def write_files(analysis: Analysis, paths: AnalysisPaths, dbt: DbtProject | None = None) -> Outcome:
    """Writes tables.yml, the snapshot and the changelog, and keeps the old tables.yml.

    Args:
        analysis: what was found.
        paths: where to write.
        dbt: the project that reads raw, for what a change breaks.

    Raises:
        ValidationError: one of the files as it stands cannot be read; nothing was written.
        RefusedError: somebody changed tables.yml meanwhile; likewise.
        ConfigurationError: tables.yml cannot be written.
    """
    file = KeptFile(paths.tables)
    before, last = file.read(), Snapshot.read(paths.analysis)
    earlier = before.removeprefix("\ufeff").replace("\r\n", "\n")
    log = Changelog.read(changelog_path(paths.tables))
    # of a file that is gone, nothing was changed by a person
    text, snapshot = write(analysis.metadata, analysis.draft, earlier, last if earlier else None)
    observed = {name: seen.observed for name, seen in snapshot.tables.items()}
    tables = parse_tables(text, paths.tables, observed)
    changes = changes_since(last, analysis, dbt)
    diff = tuple(_diff(earlier, text)) if earlier else ()
    paths.tables.parent.mkdir(parents=True, exist_ok=True)
    backup = file.replace(before, text, keep=bool(diff))
    replace_text(paths.analysis, snapshot.to_json())
    if changes:
        log = log.with_entry(changes)
        replace_text(paths.changes, log.to_markdown())
        replace_text(changelog_path(paths.tables), log.to_json())
    return Outcome(tables, changes, diff, backup)


def changes_since(
    last: Snapshot, analysis: Analysis, dbt: DbtProject | None = None
) -> ChangelogEntry | None:
    """What changed in the source's schema since an analysis; None if nothing did.

    Args:
        last: what that one saw.
        analysis: what was found now.
        dbt: the project that reads raw, for what a change breaks.
    """
    breaks = dbt.models_naming if dbt else no_models
    changes = compare(last.structures, analysis.structures, breaks) if last.tables else ()
    if not changes:
        return None
    return changelog_entry(
        changes,
        moment=analysis.moment,
        before_version=last.database_version,
        after_version=analysis.database_version,
    )


def prepare_sources(path: Path) -> None:
    """Makes the folder of dbt's sources.yml, and sees before any work that it can be written.

    Args:
        path: of the file.

    Raises:
        ValidationError: it cannot.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        reason = unwritable_reason(path)
    except OSError as error:
        reason = f"{error.strerror} ({path.parent})"
    if reason:
        raise ValidationError(f"dbt's sources {path} cannot be written: {reason}")


def differences(analysis: Analysis, tables: TablesFile) -> list[str]:
    """Where tables.yml and the source differ, as sentences.

    Args:
        analysis: the source as it is.
        tables: the file as it stands.
    """
    found = [
        f"table {n} is not in tables.yml" for n in analysis.catalogue if n not in tables.tables
    ]
    for name, config in tables.tables.items():
        table = analysis.catalogue.get(name)
        if table is None:
            # an analysis has seen that it is gone, and a night tells of it
            is_known = config.last_analyzed is not None and config.schema_hash is None
            if config.enabled and not is_known:
                found.append(f"table {name} is not at the source")
            continue
        try:
            found += [f"table {name}: {said}" for said in check_contract(config, table)]
        except SchemaError as error:
            found.append(f"table {name}: {error.message}")
        hashed = analysis.recommendations[name].config.schema_hash
        if config.schema_hash not in (None, hashed):
            found.append(f"table {name} has other columns, types or key than when it was analyzed")
    return sorted(found)


def _diff(before: str, after: str) -> Iterator[str]:
    """The lines that differ, with their tables; lines of times are left out."""
    old, new = (
        [line for line in text.splitlines() if not _TIMES.match(line)] for text in (before, after)
    )
    yield from difflib.unified_diff(old, new, "before", "after", lineterm="", n=1)
