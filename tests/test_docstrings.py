"""What docstrings say of attributes and arguments is said of those that there are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("opendental_pipeline", "sources", "destinations", "pipelines")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def said(docstring: str, section: str) -> list[str]:
    """The names that a section of a docstring explains."""
    found = re.search(rf"^{section}:\n((?:    .*\n?|\n(?=    ))*)", docstring, re.MULTILINE)
    lines = found.group(1).splitlines() if found else []
    explained = (re.match(r"    (\w[\w, ]*): ", line) for line in lines)
    return [name.strip() for one in explained if one for name in one.group(1).split(",")]


def members(node: ast.ClassDef) -> set[str]:
    """The names that a class has: its fields, methods, and what its methods set."""
    fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
    names = {one.id for one in fields if isinstance(one, ast.Name)}
    names |= {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def parameters(node: ast.FunctionDef) -> set[str]:
    given = node.args
    some = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return {one.arg for one in some if one}


def unknown(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            text = ast.get_docstring(node) or ""
            initial = [
                name
                for one in node.body
                if isinstance(one, ast.FunctionDef) and one.name == "__init__"
                for name in parameters(one)
            ]
            known = members(node) | set(initial)
            names = [*said(text, "Attributes"), *said(text, "Args")]
        elif isinstance(node, ast.FunctionDef):
            names, known = said(ast.get_docstring(node) or "", "Args"), parameters(node)
        else:
            continue
        yield from (f"{node.name}: {name}" for name in names if name not in known)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_attribute_and_argument_that_is_explained_exists(path: Path) -> None:
    assert list(unknown(ast.parse(path.read_text()))) == []
