"""Keys of tables.yml as a person types them, such as `patient.reconcile.rows`."""

from collections.abc import Iterable

from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.table_config import ColumnHint, TableConfig, TableDefaults
from opendental_pipeline.settings.tables_faults import PARTS, similar
from opendental_pipeline.settings.tables_file import TablesFile
from opendental_pipeline.settings.yaml_positions import YamlPath

DEFAULTS = "defaults"


def place_of(key: str, tables: TablesFile) -> YamlPath:
    """The place of an entry, or of a field in one, or in the defaults.

    Args:
        key: `TABLE`, `TABLE.FIELD` or `TABLE.FIELD.PART`; `defaults` in place of a table.
        tables: the file.

    Raises:
        ValidationError: there is no such table, or no such field; similar names are suggested.
    """
    # names of tables may have dots, too
    names = [name for name in tables.tables if f"{key}.".startswith(f"{name}.")]
    if names:
        name = max(names, key=len)
        above: YamlPath = ("tables", name)
        known: Iterable[str] = TableConfig.model_fields
    else:
        name = key.partition(".")[0]
        above, known = (DEFAULTS,), TableDefaults.model_fields
    if not names and name != DEFAULTS:
        if name in TableConfig.model_fields:
            raise ValidationError(
                f"{name} is a field: say of which table, as in TABLE.{key}, or of which tables, by"
                " --category, --priority or --all"
            )
        raise ValidationError(f"tables.yml has no table {name}{similar(name, tables.tables)}")
    field = key[len(name) + 1 :]
    return (*above, *_parts(field, known)) if len(key) > len(name) else above


def parts_of(field: str) -> tuple[str, ...]:
    """The names in the key of a field.

    Args:
        field: `FIELD` or `FIELD.PART`; of `columns`, `columns.COLUMN` and `columns.COLUMN.HINT`.

    Raises:
        ValidationError: there is no such field; similar names are suggested.
    """
    return _parts(field, TableConfig.model_fields)


def _parts(field: str, known: Iterable[str]) -> tuple[str, ...]:
    name, dot, rest = field.partition(".")
    _check(name, known, "tables.yml has no field")
    if not dot:
        return (name,)
    if name == "columns":
        column, dot, hint = rest.rpartition(".")
        if not dot:
            return name, hint
        _check(hint, ColumnHint.model_fields, "columns have no hint")
        return name, column, hint
    if name not in PARTS:
        raise ValidationError(f"{name} has no parts, and so no {rest}")
    _check(rest, PARTS[name].model_fields, f"{name} has no")
    return name, rest


def _check(name: str, known: Iterable[str], fault: str) -> None:
    if name not in known:
        raise ValidationError(f"{fault} {name}{similar(name, known)}")
