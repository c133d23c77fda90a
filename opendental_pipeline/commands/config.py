"""The command line of what reads and changes tables.yml."""

from argparse import ArgumentParser

from opendental_pipeline.commands.command import Command
from opendental_pipeline.settings.choices import Category, Priority

_KEY = "TABLE.FIELD, such as patient.batch_size; with a group only FIELD, such as reconcile.rows"


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def add(name: str, does: str, *, json: bool = False) -> ArgumentParser:
        action: ArgumentParser = actions.add_parser(name, help=does, description=f"{does}.")
        if json:
            action.add_argument("--json", action="store_true", help="print one document instead")
        return action

    get = add("get", "print an entry, or a value as it takes effect", json=True)
    get.add_argument("key", metavar="KEY", help=f"TABLE, or {_KEY}")
    set_ = add("set", "change a field")
    set_.add_argument("key", metavar="KEY", help=_KEY)
    set_.add_argument("value", metavar="VALUE", help="in YAML: 20000, nightly, [A, B], {days: 7}")
    unset = add("unset", "remove a field, so that the default takes effect")
    unset.add_argument("key", metavar="KEY", help=_KEY)
    for action in (get, set_, unset):
        _add_groups(action)
    diff = add("diff", "show what changed since an earlier text", json=True)
    diff.add_argument("backup", nargs="?", default="latest", metavar="BACKUP", help=_BACKUP)
    add("backup", "keep the text as it is, beside the earlier ones")
    add("backups", "list the earlier texts that are kept", json=True)
    restore = add("restore", "put an earlier text back, and keep the present one")
    restore.add_argument("backup", metavar="BACKUP", help=_BACKUP)
    add("check", "say all that is wrong with the file")


_BACKUP = "a name that backups lists, or latest"


def _add_groups(action: ArgumentParser) -> None:
    action.add_argument(
        "--category",
        action="append",
        default=[],
        metavar="CATEGORY",
        help=f"every table of this category: {', '.join(Category)} (repeatable)",
    )
    action.add_argument(
        "--priority",
        action="append",
        default=[],
        metavar="PRIORITY",
        help=f"every table of this priority: {', '.join(Priority)} (repeatable); with --category,"
        " of both",
    )
    action.add_argument("--all", action="store_true", help="every table")


CONFIG = Command(
    name="config",
    script="config.py",
    description="Read and change tables.yml. Comments and all other lines stay, a bad key or value"
    " leaves the file untouched, and the last 50 texts are kept.",
    codes="0 done, 2 something is wrong and nothing was written, 3 somebody else changed the file"
    " at the same time and nothing was written",
    program="opendental_pipeline.programs.config",
    add_arguments=_add_arguments,
)
