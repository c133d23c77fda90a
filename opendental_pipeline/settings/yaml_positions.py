"""YAML whose every value knows its line, so that a fault in a file can be pointed at."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

try:  # libyaml reads many times faster, but PyYAML may be without it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

YamlPath = tuple[str | int, ...]
"""The way from the top of a document to a value: keys of mappings, positions in lists."""


class UnreadableYamlError(ValueError):
    """The text is no YAML. Carries the line, counted from 1, where it can be told."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class Repetition:
    """A key that its mapping already has; YAML would let the last one win in silence."""

    place: YamlPath
    line: int
    first_line: int


@dataclass(frozen=True)
class Document:
    """What a YAML text says, and where.

    Attributes:
        data: its value in Python's types; None for an empty text.
        repetitions: keys given twice, in the order of the text.
    """

    data: object
    repetitions: tuple[Repetition, ...]
    root: yaml.Node | None

    def line(self, place: YamlPath) -> int:
        """The line, counted from 1, of a value or of the nearest thing around it that exists."""
        node, line = self.root, 1
        for part in place:
            match node:
                case yaml.MappingNode():
                    pairs = {key.value: (key, value) for key, value in reversed(node.value)}
                    if str(part) not in pairs:
                        break
                    key, node = pairs[str(part)]
                    line = key.start_mark.line + 1
                case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
                    node = node.value[part]
                    line = node.start_mark.line + 1
                case _:
                    break
        return line


def parse(text: str) -> Document:
    """Read one YAML document.

    Raises:
        UnreadableYamlError: the text is not one YAML document of plain values.
    """
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            # Before construction, which resolves merge keys (`<<`) within the nodes.
            repetitions = tuple(_repetitions(root, (), set()))
            data = loader.construct_document(root) if root is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise UnreadableYamlError(problem, mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        raise UnreadableYamlError(error.reason, text.count("\n", 0, error.position) + 1) from None
    return Document(data, repetitions, root)


def nodes_of(text: str) -> yaml.Node | None:
    """The nodes of a YAML document as they are written: merge keys and aliases stay what they are.

    Raises:
        yaml.YAMLError: the text is not one YAML document.
    """
    node: yaml.Node | None = yaml.compose(text, Loader=SafeLoader)
    return node


class _Loader(SafeLoader):
    """Tells the line of a scalar that only looks like one of its type, such as 2026-02-30."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, AttributeError) as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value} cannot be read: {error}", node.start_mark
            ) from None


def _repetitions(node: yaml.Node | None, place: YamlPath, seen: set[int]) -> Iterator[Repetition]:
    if id(node) in seen:  # an alias leads back to a node already walked, perhaps to its own parent
        return
    seen.add(id(node))
    match node:
        case yaml.MappingNode():
            first: dict[str, int] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue  # a list or mapping as a key: construction refuses it
                line = key.start_mark.line + 1
                inner = (*place, key.value)
                if key.value in first:
                    yield Repetition(inner, line, first[key.value])
                first.setdefault(key.value, line)
                yield from _repetitions(value, inner, seen)
        case yaml.SequenceNode():
            for position, item in enumerate(node.value):
                yield from _repetitions(item, (*place, position), seen)
