"""The command lines: quick, the same for a file and a subcommand, and at home anywhere."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from opendental_pipeline.commands.opendental import COMMANDS
from opendental_pipeline.settings.choices import Scheduler
from opendental_pipeline.settings.environment import Settings
from opendental_pipeline.settings.errors import ConfigurationError, ValidationError
from opendental_pipeline.settings.home import CHECKOUT, TEMPLATES, home
from opendental_pipeline.settings.tables_file import TablesFile
from tests import programs
from tests.conftest import Clinic, write_tables

HEAVY = ("dlt", "sqlalchemy", "numpy", "pyarrow", "pydantic", "rich")
FILES = sorted(path.name for path in (CHECKOUT / "pipelines").glob("[a-z]*.py"))


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    settings = {"capture_output": True, "text": True, "timeout": 60, "check": False, **options}
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [str(part) for part in command],
        **settings,  # type: ignore[call-overload]
    )
    return done


def test_every_file_is_a_subcommand() -> None:
    assert sorted(command.script for command in COMMANDS) == FILES


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("argument", ["--help", "--version", "--nonsense"])
def test_arguments_are_read_before_anything_heavy_is_imported(
    command: object, argument: str
) -> None:
    script = CHECKOUT / "pipelines" / getattr(command, "script")  # noqa: B009
    code = (
        "import runpy, sys\n"
        f"sys.argv = [{str(script)!r}, {argument!r}]\n"
        "try:\n"
        f"    runpy.run_path({str(script)!r}, run_name='__main__')\n"
        "finally:\n"
        f"    print('imported', [name for name in {HEAVY} if name in sys.modules])\n"
    )
    done = run(sys.executable, "-c", code, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
    assert done.returncode == (2 if argument == "--nonsense" else 0), done.stderr
    assert "imported []" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_subcommand_is_what_its_file_is() -> None:
    for command in COMMANDS:
        alone = run(sys.executable, CHECKOUT / "pipelines" / command.script, "--help").stdout
        script = "from opendental_pipeline.commands.opendental import start; start()"
        below = run(sys.executable, "-c", script, command.name, "--help").stdout
        assert alone.split("\n\n")[1:] == below.split("\n\n")[1:]


def test_tables_are_chosen_by_priority_too(clinic: Clinic) -> None:
    names = ("patient", "sheet", "claim")
    for name in names:
        clinic.sql(f"CREATE TABLE {name} (n int PRIMARY KEY)", f"INSERT INTO {name} VALUES (1)")
    ranks = dict(zip(names, ("high", "low", "high"), strict=True))
    chosen = clinic.tables(**{n: {"processing_priority": rank} for n, rank in ranks.items()})
    file = clinic.home.parent / "chosen.yml"
    write_tables(chosen, file)
    done = programs.nightly(
        clinic, "--priority", "high", SOURCES__OPENDENTAL__TABLES_FILE=str(file)
    )
    assert done.code == 0, done.err
    assert sorted(done.report["tables"]) == ["claim", "patient"]
    assert done.report["options"] == {"priorities": ["high"]}


def test_priorities_and_categories_are_both_asked_for(clinic: Clinic) -> None:
    clinic.sql(*(f"CREATE TABLE {name} (n int PRIMARY KEY)" for name in ("a", "b", "c", "d")))
    tables: TablesFile = clinic.tables(
        a={"processing_priority": "high", "performance_category": "large"},
        b={"processing_priority": "high", "performance_category": "tiny"},
        c={"processing_priority": "low", "performance_category": "large"},
        d={"processing_priority": "low", "performance_category": "tiny"},
    )

    def names(*given: list[str]) -> str:
        return "".join(sorted(config.table_name for config in tables.select(*given)))

    assert names() == "abcd"
    assert names([], ["large"]) == "ac"
    assert names([], [], ["high"]) == "ab"
    assert names([], ["large"], ["high"]) == "a"
    assert names(["d"], ["large"], ["high"]) == "ad"
    assert names(["d"]) == "d"
    with pytest.raises(ValidationError, match=r"no priority hihg \(did you mean high"):
        tables.select([], [], ["hihg"])


# home


def test_home_is_what_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text("")
    assert home({"OPENDENTAL_HOME": str(tmp_path)}) == tmp_path
    assert home({}) == CHECKOUT


def test_a_home_without_a_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"make it: opendental init {tmp_path}"):
        home({"OPENDENTAL_HOME": str(tmp_path)})
    done = run(
        sys.executable,
        CHECKOUT / "pipelines/nightly.py",
        env={**os.environ, "OPENDENTAL_HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"OPENDENTAL_HOME is {tmp_path}, and there is no .dlt/config.toml" in done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The wheel, installed beside the libraries of this environment; its script."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    sources = folder / "sources"
    done = run("git", "clone", "--quiet", CHECKOUT, sources)
    # what is not committed yet, too
    changed = run("git", "-C", CHECKOUT, "ls-files", "--modified", "--others", "--exclude-standard")
    for name in changed.stdout.splitlines():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        if (CHECKOUT / name).is_file():
            (sources / name).write_bytes((CHECKOUT / name).read_bytes())
    done = run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, sources)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    done = run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    assert done.returncode == 0, done.stderr
    python = folder / "venv/bin/python"
    done = run(*pip, "--python", python, "install", "--no-deps", wheel)
    assert done.returncode == 0, done.stderr
    (libraries,) = (folder / "venv/lib").glob("python*/site-packages")
    # a line of a .pth file adds the libraries, without the .pth files among them
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    yield folder / "venv/bin/opendental"


def test_an_installed_wheel_makes_a_home_and_moves_a_clinic_from_any_folder(
    clinic: Clinic, installed: Path, tmp_path: Path
) -> None:
    clinic.sql("CREATE TABLE visit (n int PRIMARY KEY)", "INSERT INTO visit VALUES (1)")
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    elsewhere.mkdir()
    bare = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    lost = run(installed, "run", cwd=elsewhere, env=bare)
    assert lost.returncode == 2
    assert "make one, opendental init DIR, and set OPENDENTAL_HOME=DIR" in lost.stderr

    asked = ("--with", ",".join(Scheduler))
    data = {"DLT_DATA_DIR": str(tmp_path / "dlt")}
    made = run(installed, "init", place, *asked, cwd=elsewhere, env=bare | data)
    assert made.returncode == 0, made.stderr
    assert f'ExecStart="{installed}" run ' in (place / "systemd/opendental.service").read_text()
    for name in TEMPLATES:
        assert (place / name).read_bytes() == (CHECKOUT / name).read_bytes()
    (place / ".dlt/config.toml").write_text("# mine\n")
    again = run(installed, "init", place, cwd=elsewhere, env=bare)
    assert again.returncode == 0
    assert f"{place / '.dlt/config.toml'}: is there, and stays" in again.stdout
    assert (place / ".dlt/config.toml").read_text() == "# mine\n"

    variables = "".join(f"{name}={value}\n" for name, value in clinic.environ.items())
    (place / ".env_production").write_text(variables)
    (place / ".env_production").chmod(0o600)
    at_home = {**bare, **data, "OPENDENTAL_HOME": str(place)}
    for arguments in (["analyze"], ["validate"], ["test-connections"], ["run"], ["verify"]):
        done = run(installed, *arguments, cwd=elsewhere, env=at_home)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    done = run(installed, "status", "--html", tmp_path / "page", cwd=elsewhere, env=at_home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<title>✓ all well" in (tmp_path / "page").read_text()
    assert (place / "config/tables.yml").exists()
    assert clinic.differences() == []
    assert list(elsewhere.iterdir()) == []


def test_a_home_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(sys.executable, CHECKOUT / "pipelines/init.py", tmp_path / "file")
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path / 'file/config'} cannot be written: Not a directory\n"


def test_settings_are_read_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text("")
    (tmp_path / ".env_production").write_text("OPENDENTAL_SOURCE_PORT=not a number\n")
    monkeypatch.setenv("OPENDENTAL_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="OPENDENTAL_SOURCE_PORT"):
        Settings.load({})
