"""Reads a dbt project: which of raw's tables and columns its models depend on.

The manifest of a compiled project knows everything; without one only its sources are known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Annotated, TypeVar

import pydantic
import yaml
from pydantic import BaseModel, BeforeValidator, Field

from opendental_pipeline.analysis.sql_columns import Names, Relation, columns_named, relation_of
from opendental_pipeline.databases.identifiers import postgres_identifier
from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.frozen import first_fault

_LAYERS = ("staging", "intermediate", "marts")


class _Parents(BaseModel):
    nodes: frozenset[str] = frozenset()


class _Node(BaseModel):
    """A model, or anything else that reads others, as the manifest describes it."""

    name: str
    resource_type: str
    path: str = ""
    language: str = "sql"
    compiled_code: str | None = None
    depends_on: _Parents = _Parents()

    @property
    def is_model(self) -> bool:
        return self.resource_type == "model"

    @property
    def layer(self) -> str | None:
        """The first folder below the model path, if it is in one."""
        folders = PurePath(self.path.replace("\\", "/")).parts[:-1]
        return folders[0] if folders else None

    def columns_named(self) -> Mapping[Relation, Names]:
        """What its SQL names; nothing where it is not compiled, or not SQL."""
        sql = self.compiled_code if self.language == "sql" else None
        return columns_named(sql or "")


class _Source(BaseModel):
    """A source table as the manifest describes it."""

    relation: Annotated[Relation, BeforeValidator(relation_of)] = Field(alias="relation_name")


class _Manifest(BaseModel):
    nodes: dict[str, _Node]
    sources: dict[str, _Source]


class _DeclaredTable(BaseModel):
    name: str
    identifier: str | None = None


class _DeclaredSource(BaseModel):
    """A source in a YAML file, where templates are not evaluated."""

    name: str
    in_schema: str | None = Field(None, alias="schema")
    tables: tuple[_DeclaredTable, ...] | None = None


class _ModelsFile(BaseModel):
    sources: tuple[_DeclaredSource, ...] | None = None


class _ProjectFile(BaseModel):
    model_paths: tuple[str, ...] = Field(("models",), alias="model-paths")
    target_path: str = Field("target", alias="target-path")


@dataclass(frozen=True)
class DbtUse:
    """How dbt uses a table.

    Attributes:
        is_modeled: whether a model reads it; without a manifest, whether it is declared.
        model_types: the layers of the models that do, directly or through other models.
    """

    is_modeled: bool
    model_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class DbtProject:
    """What a dbt project says about the tables of raw.

    Attributes:
        declared: the names in raw of the tables it declares as sources, and what the manifest
            calls each, with its schema; nothing without a manifest.
        nodes: what reads them, from the manifest; None without one.
    """

    declared: Mapping[str, Mapping[str, str]]
    nodes: Mapping[str, _Node] | None = None

    @classmethod
    def read(cls, path: Path, schemas: Collection[str] = ("raw",)) -> "DbtProject":
        """Reads a project's manifest if it has one, else its YAML files.

        Args:
            path: the project's folder.
            schemas: where the tables of raw are read; sources elsewhere do not count.

        Raises:
            ValidationError: there is no dbt project, or one of its files cannot be read.
        """
        file = path / "dbt_project.yml"
        if not file.is_file():
            raise ValidationError(f"{path} is no dbt project: it has no dbt_project.yml")
        project = _from_yaml(_ProjectFile, file)
        manifest = path / project.target_path / "manifest.json"
        if manifest.is_file():
            return cls._from_manifest(manifest, schemas)
        tables = {
            table
            for folder in project.model_paths
            for file in sorted((path / folder).rglob("*"))
            if file.suffix in (".yml", ".yaml")
            for source in _from_yaml(_ModelsFile, file).sources or ()
            for table in _tables_in(source, schemas)
        }
        return cls({table: {} for table in tables})

    @classmethod
    def _from_manifest(cls, file: Path, schemas: Collection[str]) -> "DbtProject":
        with _told_of(file):
            manifest = _Manifest.model_validate_json(_text(file))
        declared: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for node, source in manifest.sources.items():
            where, name = source.relation
            if where in schemas:
                declared[name][node] = where
        return cls(declared, manifest.nodes)

    def uses(self, table: str) -> DbtUse:
        """How dbt uses a table.

        Args:
            table: its name at the source.
        """
        name = postgres_identifier(table)
        if self.nodes is None:
            return DbtUse(is_modeled=name in self.declared)
        models = [node for node in self._readers(name) if node.is_model]
        layers = {model.layer for model in models if model.layer}
        known = [layer for layer in _LAYERS if layer in layers]
        return DbtUse(bool(models), (*known, *sorted(layers.difference(_LAYERS))))

    def models_naming(self, table: str, column: str) -> tuple[str, ...]:
        """The models that read a table directly and name a column of it, or may: see `sql_columns`.

        A model without compiled SQL may name any. `dbt compile` and `dbt build` write it into the
        manifest; `dbt parse` and `dbt source freshness` leave it out.

        Args:
            table: its name at the source.
            column: likewise.
        """
        name = postgres_identifier(column)
        models = self._naming.get(postgres_identifier(table), ())
        naming = {model for model, names in models if names is None or name in names}
        return tuple(sorted(naming))

    def _readers(self, table: str) -> Iterator[_Node]:
        """Everything that reads a table of raw, directly or through others."""
        seen = set(self.declared.get(table, ()))
        waiting = list(seen)
        while waiting:
            for key, node in self._children[waiting.pop()].items():
                if key not in seen:
                    seen.add(key)
                    waiting.append(key)
                    yield node

    @cached_property
    def _children(self) -> Mapping[str, Mapping[str, _Node]]:
        children: defaultdict[str, dict[str, _Node]] = defaultdict(dict)
        for key, node in (self.nodes or {}).items():
            for parent in node.depends_on.nodes:
                children[parent][key] = node
        return children

    @cached_property
    def _naming(self) -> Mapping[str, list[tuple[str, Names]]]:
        """By table of raw: the models that read it directly, and the columns each names."""
        relations = {
            key: (schema, table)
            for table, keys in self.declared.items()
            for key, schema in keys.items()
        }
        naming: defaultdict[str, list[tuple[str, Names]]] = defaultdict(list)
        for node in (self.nodes or {}).values():
            read = {relations[key] for key in node.depends_on.nodes if key in relations}
            if node.is_model and read:
                named = node.columns_named()
                for relation in read:
                    naming[relation[1]].append((node.name, named.get(relation)))
        return naming


def _tables_in(source: _DeclaredSource, schemas: Collection[str]) -> Iterator[str]:
    """The names in raw of the tables a source declares, if it is of one of these schemas."""
    where = source.in_schema
    if (source.name if where is None or _is_template(where) else where) in schemas:
        for table in source.tables or ():
            identifier = table.identifier
            name = table.name if identifier is None or _is_template(identifier) else identifier
            yield name.replace('""', '"')  # dbt puts quotes around it and looks at nothing within


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise ValidationError(
            f"{file} cannot be read ({type(error).__name__}): it must be a text file in UTF-8"
        ) from None


_M = TypeVar("_M", bound=BaseModel)


def _from_yaml(model: type[_M], file: Path) -> _M:
    try:
        data = yaml.safe_load(_text(file))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", see line {mark.line + 1}" if mark else ""
        raise ValidationError(f"{file} is no YAML{line}") from None
    with _told_of(file):
        return model.model_validate({} if data is None else data)


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    """Says of a file what pydantic says first of its data."""
    try:
        yield
    except pydantic.ValidationError as error:
        raise ValidationError(f"{file} cannot be understood: {first_fault(error)}") from None
