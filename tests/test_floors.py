"""The plan of the house: data flow down its floors, and nobody imports upward."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    "opendental_pipeline.settings": 1,
    "opendental_pipeline.databases": 2,
    "opendental_pipeline.editing": 2,
    "opendental_pipeline.planning": 3,
    "sources.opendental": 4,
    "destinations": 4,
    "opendental_pipeline.reconcile": 5,
    "opendental_pipeline.analysis": 5,
    "opendental_pipeline.runs": 6,
    "opendental_pipeline.status": 7,
    "opendental_pipeline.exporting": 7,
    "opendental_pipeline.notifying": 8,
    "opendental_pipeline.page": 8,
    "opendental_pipeline.programs": 9,
    "opendental_pipeline.commands": 9,
    "pipelines": 10,
}
"""Rooms on one floor do not know each other."""


def modules() -> dict[str, set[str]]:
    """What each module imports of the others, as its code says."""
    folders = [ROOT / room.replace(".", "/") for room in FLOORS]
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for folder in folders
        for path in folder.glob("*.py")
    }
    found = {}
    for name, path in files.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
        found[name] = names & files.keys()
    return found


def room(module: str) -> str:
    return module.rsplit(".", 1)[0]


def test_nobody_imports_upward_and_rooms_of_one_floor_do_not_know_each_other() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in modules().items()
        for other in others
        if room(module) != room(other) and FLOORS[room(module)] <= FLOORS[room(other)]
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter(modules()).prepare()


def test_every_folder_with_code_of_the_pipeline_has_its_floor() -> None:
    tops = [ROOT / name for name in ("opendental_pipeline", "sources", "destinations", "pipelines")]
    rooms = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in tops
        for path in top.rglob("*.py")
        if path.name != "__init__.py"
    }
    assert rooms == FLOORS.keys()
