"""What a run keeps on this machine: a cache, since all that counts is in the destinations."""

from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir

_SCRATCH = ".{}-slices-"


def open_pipeline(name: str, destination: Any, dataset: str) -> dlt.Pipeline:
    """Makes dlt's pipeline, and its folder anew where dlt cannot read what a crash left of it.

    Args:
        name: of the pipeline and its folder.
        destination: dlt's.
        dataset: the database or schema that it writes to.
    """
    try:
        return dlt.pipeline(name, destination=destination, dataset_name=dataset)
    except Exception:  # noqa: BLE001  whatever stands in those files; a second one is told
        folder = Path(get_dlt_pipelines_dir(), name)
        if folder.is_dir():
            rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        return dlt.pipeline(name, destination=destination, dataset_name=dataset)


def scratch(directory: Path, name: str) -> "TemporaryDirectory[str]":
    """Makes an empty folder for rows; `remove_scratch` removes it after a run that was killed.

    Args:
        directory: dlt's, so that a file is moved to a package and not copied.
        name: whose rows they are.
    """
    return TemporaryDirectory(prefix=_SCRATCH.format(name), dir=directory)


def remove_scratch(directory: Path) -> None:
    """Removes the rows that killed runs left."""
    for left in directory.glob(_SCRATCH.format("opendental*") + "*"):
        rmtree(left, ignore_errors=True)
