"""Lays down a configuration to fill in, for an installation that is no clone of the code."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from opendental_pipeline.programs.schedulers import SCHEDULERS, filled_in, machine
from opendental_pipeline.runs.process import exit_code_of
from opendental_pipeline.settings.choices import Scheduler
from opendental_pipeline.settings.errors import ConfigurationError
from opendental_pipeline.settings.home import TEMPLATES, VARIABLE, template

_NEXT = """
Next: export {variable}={home}
  fill in a copy of {home}/.env_production.example, named .env_production (chmod 600)
  opendental analyze        writes {home}/config/tables.yml
  opendental run --dry-run  says what would be moved"""


def main(args: Namespace) -> int:
    """Runs the job and returns its exit code."""

    def work() -> int:
        place = args.directory.expanduser().absolute()
        for line in lay_down(place, args.schedulers):
            print(line)
        print(_NEXT.format(variable=VARIABLE, home=place))
        for scheduler in args.schedulers:
            print(f"  {scheduler}: {SCHEDULERS[scheduler].install.format(home=place)}")
        return 0

    return exit_code_of(work, Console(stderr=True), "interrupted", at_home=False)


def lay_down(place: Path, schedulers: Sequence[Scheduler] = ()) -> list[str]:
    """Makes what is missing of a home.

    Args:
        place: the folder.
        schedulers: whose files are made, too.

    Returns:
        a line for each file: made, or left as it was.

    Raises:
        ConfigurationError: it cannot be written, or schedulers would not understand it.
    """
    files = {name: template(name).read_text(encoding="utf-8") for name in TEMPLATES}
    folders = [place / "config"]
    if schedulers:
        known = machine(place)
        # systemd lets a run write to folders that are there, and nowhere else
        folders.append(Path(known["data"]))
        for scheduler in schedulers:
            files |= filled_in(scheduler, known)
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return [_make(place / name, text) for name, text in files.items()]
    except OSError as error:
        raise ConfigurationError(f"{error.filename} cannot be written: {error.strerror}") from None


def _make(file: Path, text: str) -> str:
    if file.exists():
        return f"{file}: is there, and stays"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")
    file.chmod(0o644)
    return f"{file}: made"
