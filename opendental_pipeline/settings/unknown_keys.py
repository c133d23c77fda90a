"""Settings that nobody reads: all providers ignore in silence a name that is nearly right."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlt.common.configuration.specs import known_sections

from opendental_pipeline.settings.environment import VARIABLES
from opendental_pipeline.settings.tables_faults import similar
from opendental_pipeline.settings.tuning import SECTIONS

FILES = (".dlt/config.toml", ".dlt/secrets.toml")

_ALONE = ("runs", "analysis", "status")
_OURS = (*_ALONE, "sources.opendental", "destination.replication", "destination.raw")
"""The sections in which nobody but this project reads anything."""

_OF_DLT = frozenset(
    value
    for name, value in vars(known_sections).items()
    if name.isupper() and isinstance(value, str)
) | {"runtime", "pipelines", "workspace", "profiles"}
"""The sections that dlt reads."""


def known_keys() -> frozenset[str]:
    """Every setting of this project, as dlt's files name it."""
    tunables = {
        ".".join((*sections, name))
        for spec, sections in SECTIONS
        for name in spec.get_resolvable_fields()
    }
    return frozenset(tunables | {one.dlt_path for one in VARIABLES if one.dlt_path})


def unknown_in_files(home: Path) -> Iterator[str]:
    """What stands in dlt's files that nobody reads, a sentence each.

    Args:
        home: where `.dlt` is; dlt has read what is there.
    """
    known = known_keys()
    for name in FILES:
        try:
            written = tomllib.loads((home / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        for section in written.keys() - _OF_DLT - {*_ALONE}:
            yield f"{name}: nobody reads [{section}]{similar(section, sorted(_tops()))}"
        for key in _leaves(written):
            if _is_ours(key) and key not in known:
                yield f"{name}: nobody reads {key}{_meant(key, known)}"


def unknown_in_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """The same of the variables that would set them.

    Args:
        environ: the process environment.
    """
    known = known_keys()
    for name in sorted(environ):
        key = name.lower().replace("__", ".")
        if name.isupper() and "__" in name and _is_ours(key) and key not in known:
            meant = _meant(key, known)
            yield f"the variable {name}: nobody reads it{meant}"


def _tops() -> set[str]:
    return {section.split(".")[0] for section in _OURS}


def _is_ours(key: str) -> bool:
    return any(key.startswith(f"{section}.") for section in _OURS)


def _meant(key: str, known: frozenset[str]) -> str:
    section, _, name = key.rpartition(".")
    siblings = {one.rpartition(".")[2]: one for one in known if one.startswith(f"{section}.")}
    return similar(name, siblings) or similar(key, known)


def _leaves(tree: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*place, name))
        else:
            yield ".".join((*place, name))
