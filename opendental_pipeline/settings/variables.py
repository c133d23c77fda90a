"""Who says what: the process environment, then `.env_<environment>`, then dlt's own providers.

One of several clinics has a file of its own, which is asked before the common one.

The environment `test` knows only variables that begin with `TEST_` and never asks dlt, so that a
test cannot meet a real database by accident; `production` never reads those variables. A message
names variables and never shows a value: people put passwords into the wrong line.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import dlt
import pydantic
from dlt.common.configuration.exceptions import ConfigProviderException
from dotenv.parser import parse_stream
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from opendental_pipeline.settings.clinic import chosen, own_folder, own_name
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.home import home

Environment = Literal["production", "test"]


class Variable(NamedTuple):
    """One setting: its name in the environment, its place in the models, its path in dlt."""

    name: str
    place: tuple[str, ...]
    dlt_path: str | None = None
    is_secret: bool = False
    """Whether only providers that may hold secrets are asked."""
    common: str | None = None
    """Of a name to which each of several clinics adds its own: what it is if nobody says it."""

    def put(self, tree: dict[str, Any], value: str) -> None:
        """Write the value at this variable's place; only a secret keeps its outer blanks."""
        for part in self.place[:-1]:
            tree = tree.setdefault(part, {})
        tree[self.place[-1]] = value if self.is_secret else value.strip()


Provider = Callable[[Variable], object]
"""Knows the value of a setting, or None."""


@dataclass(frozen=True)
class Answers:
    """What is said about settings, and who is asked first.

    Attributes:
        environment: production or test.
        providers: asked in this order.
        prefix: of the names of all variables.
        hint: where a setting may be written; `{dlt_path}` stands for its path in dlt.
        clinic: one of several; empty where there is only one.
        own: knows what is this clinic's alone.
    """

    environment: str
    providers: tuple[Provider, ...]
    prefix: str
    hint: str
    clinic: str = ""
    own: Provider = field(default=lambda _: None)

    @classmethod
    def of_machine(
        cls, environ: Mapping[str, str] = os.environ, directory: Path | None = None
    ) -> "Answers":
        """What this machine says.

        Args:
            environ: the variables of the process.
            directory: where `.env_production` and `.env_test` lie; this machine's home if not
                given. dlt looks where it always does: in its own project directory and the real
                process environment.

        Raises:
            EnvironmentSettingError: the environment has no such name, or its file cannot be read.
        """
        environment = _environment(environ)
        file = f".env_{environment}"
        prefix = "TEST_" if environment == "test" else ""
        hint = f"set it in the process environment or {file}"
        own: Provider = _of_nobody
        if clinic := chosen(environ):
            own = _of_file(own_folder(clinic) / file, prefix)
            hint += f", of this clinic in clinics/{clinic}/{file}"
        common = _of_file((directory or home()) / file, prefix)
        providers = [lambda variable: environ.get(prefix + variable.name), own, common]
        if environment == "production":
            providers.append(_from_dlt)
            hint += ", or {dlt_path} in .dlt/secrets.toml"
        return cls(environment, tuple(providers), prefix, hint, clinic, own)

    @classmethod
    def of_values(cls, values: Mapping[str, object]) -> "Answers":
        """What a dictionary says: no file, no process environment, no dlt.

        Args:
            values: what the environment would hold, without any prefix.

        Raises:
            EnvironmentSettingError: the environment has no such name.
        """
        providers = (lambda variable: values.get(variable.name),)
        return cls(_environment(values), providers, "", "add it to the dictionary")

    def put(self, variables: Iterable[Variable], tree: dict[str, Any]) -> dict[str, Any]:
        """Writes all that is said at its place.

        Args:
            variables: to ask for.
            tree: the values of a model.
        """
        for variable in variables:
            answers = (provider(variable) for provider in self.providers)
            answer = next((answer for answer in answers if answer is not None), None)
            if self.clinic and variable.common and self.own(variable) is None:
                answer = own_name(str(answer or variable.common), self.clinic)
            if answer is not None:
                variable.put(tree, str(answer))
        return tree

    def refusal(
        self,
        error: pydantic.ValidationError,
        model: type[BaseModel],
        variables: Iterable[Variable],
    ) -> EnvironmentSettingError:
        """The error that says all that is wrong, a line for each setting.

        Args:
            error: of the model.
            model: which refused what was said.
            variables: that it was made of.
        """
        known = tuple(variables)
        faults = [
            self._fault(detail, model, known)
            for detail in error.errors(include_input=False, include_url=False)
        ]
        return EnvironmentSettingError(
            "\n".join(
                [f"settings of environment {self.environment} are missing or wrong:"]
                + [f"  {fault}" for fault in faults]
                + ["Nothing was connected to."]
            )
        )

    def _fault(
        self, error: ErrorDetails, model: type[BaseModel], variables: tuple[Variable, ...]
    ) -> str:
        """One line about one setting: its name, what is wrong, what to do."""
        loc = tuple(map(str, error["loc"]))
        # A rule between two servers is reported at the name of the database it protects.
        places = (loc, (*loc, "database"))
        variable = next(variable for variable in variables if variable.place in places)
        name = self.prefix + variable.name
        match error["type"]:
            case "missing":
                return f"{name} is missing: {self.hint.format(dlt_path=variable.dlt_path)}"
            case "string_too_short" | "too_short" if error["ctx"]["min_length"] == 1:
                return f"{name} is empty"
            case "value_error":
                return f"{name} {error['ctx']['error']}"
            case _:
                return f"{name} must be {_rule(model, variable.place)}"


def _environment(values: Mapping[str, object]) -> str:
    """The environment's name: the first of three variables that is set, else production."""
    names = ("ETL_ENVIRONMENT", "ENVIRONMENT", "APP_ENV")
    chosen = next((name for name in names if name in values), None)
    if chosen is None:
        return "production"
    environment = str(values[chosen]).strip()
    if environment not in get_args(Environment):
        raise EnvironmentSettingError(
            f"{chosen} must be {' or '.join(get_args(Environment))}; without it and without "
            f"{' and '.join(name for name in names if name != chosen)} production is meant."
        )
    return environment


def _of_nobody(_: Variable) -> object:
    return None


def _of_file(path: Path, prefix: str) -> Provider:
    """What an env file knows."""
    written = _read_env_file(path)
    return lambda variable: written.get(prefix + variable.name)


def _read_env_file(path: Path) -> dict[str, str]:
    """The variables of an env file, as written: `$` in a password means `$`."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise EnvironmentSettingError(
            f"{path.name} cannot be read ({type(error).__name__}): it must be a text file in UTF-8."
        ) from None
    if wrong := [binding.original.line for binding in bindings if binding.error]:
        lines = ", ".join(map(str, wrong))
        raise EnvironmentSettingError(f"{path.name}: not NAME='value' in line {lines}.")
    return {b.key: b.value for b in bindings if b.key is not None and b.value is not None}


def unreadable_files(error: Exception) -> EnvironmentSettingError:
    """The error that says where dlt's own files are wrong.

    Args:
        error: of who reads them; its words may quote the file, so only the position is passed on.
    """
    place = re.search(r"line \d+", str(error))
    return EnvironmentSettingError(
        "dlt cannot read its settings; is .dlt/secrets.toml or .dlt/config.toml valid TOML?"
        + (f" See {place.group()}." if place else "")
    )


def _from_dlt(variable: Variable) -> object:
    """What dlt's own providers know about a setting."""
    if variable.dlt_path is None:
        return None
    try:
        # dlt.secrets also reads mounted secret files, and never config.toml.
        return (dlt.secrets if variable.is_secret else dlt.config).get(variable.dlt_path)
    except ConfigProviderException as error:
        raise unreadable_files(error) from None


def _rule(of: type[BaseModel], place: tuple[str, ...]) -> str:
    """The words that stand beside a field of the models."""
    model: Any = of
    for part in place[:-1]:
        model = model.model_fields[part].annotation
    field: pydantic.fields.FieldInfo = model.model_fields[place[-1]]
    return field.description or "text in UTF-8"
