"""Lays down a configuration to fill in, for an installation that is no clone of the code."""

from argparse import Namespace
from pathlib import Path

from rich.console import Console

from opendental_pipeline.runs.process import exit_code_of
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
        for line in lay_down(place):
            print(line)
        print(_NEXT.format(variable=VARIABLE, home=place))
        return 0

    return exit_code_of(work, Console(stderr=True), "interrupted", at_home=False)


def lay_down(place: Path) -> list[str]:
    """Makes what is missing of a home.

    Args:
        place: the folder.

    Returns:
        a line for each file: made, or left as it was.

    Raises:
        ConfigurationError: it cannot be written.
    """
    said = []
    try:
        (place / "config").mkdir(parents=True, exist_ok=True)
        for name in TEMPLATES:
            file = place / name
            file.parent.mkdir(exist_ok=True)
            if file.exists():
                said.append(f"{file}: is there, and stays")
                continue
            file.write_bytes(template(name).read_bytes())
            file.chmod(0o644)
            said.append(f"{file}: made")
    except OSError as error:
        raise ConfigurationError(f"{place} cannot be written: {error.strerror}") from None
    return said
