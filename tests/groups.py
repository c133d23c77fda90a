"""Several clinics in one home, as a group has them: one warehouse, and a folder for each."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.servers import Cluster
from opendental_pipeline.settings.home import CHECKOUT
from tests import programs
from tests.comparison import Tiers
from tests.conftest import Clinic, new_clinic


@dataclass
class Group:
    """A home with clinics, whose copies and raw schemas are named by the pipeline."""

    place: Path
    clinics: dict[str, Clinic]
    common: Clinic

    def environ(self, **variables: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
        return {
            **kept,
            **programs.IMPATIENT,
            "OPENDENTAL_HOME": str(self.place),
            "DLT_DATA_DIR": str(self.place / "dlt"),
            **variables,
        }

    def start(self, job: str, *arguments: str, **variables: str) -> programs.Done:
        environ = self.environ(**variables)
        done = programs.start(job, *arguments, environ=environ, cwd=self.place)
        assert "Traceback" not in done.err, done.err
        assert "secret" not in done.out + done.err
        return done

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.common.rows(self.common.analytics, query)

    def own_file(self, name: str) -> Path:
        """The settings of a clinic."""
        return self.place / "clinics" / name / ".env_production"

    def tiers(self, name: str) -> Tiers:
        """The three places of a clinic, for a comparison."""
        cluster, replication = self.common.cluster, f"{self.common.name}_{name}"
        return Tiers(
            cluster.source.url(self.clinics[name].name),
            cluster.replication.url(replication),
            cluster.analytics.url(self.common.name),
            f"raw_{name}",
        )


@contextmanager
def new_group(
    cluster: Cluster, directory: Path, monkeypatch: pytest.MonkeyPatch, names: Iterable[str]
) -> Iterator[Group]:
    """A home whose clinics have empty databases, and all databases dropped in the end.

    Args:
        directory: where the home is made.
        names: of the clinics.
    """
    place = directory / "home"
    (place / ".dlt").mkdir(parents=True)
    (place / ".dlt/config.toml").write_bytes((CHECKOUT / ".dlt/config.toml").read_bytes())
    (place / "config").mkdir()
    with ExitStack() as stack:
        common = stack.enter_context(new_clinic(cluster, directory, monkeypatch))
        made = {
            name: stack.enter_context(new_clinic(cluster, directory, monkeypatch)) for name in names
        }
        group = Group(place, made, common)
        programs.write_settings(place, common.environ)
        for name, clinic in made.items():
            own = {"OPENDENTAL_SOURCE_DB": clinic.name}
            programs.write_settings(group.own_file(name).parent, own)
            copy = f"{common.name}_{name}"
            common.execute(common.replication, f"CREATE DATABASE {copy}")
            stack.callback(common.execute, common.replication, f"DROP DATABASE {copy}")
        yield group
