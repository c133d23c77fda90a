"""Values set and removed in the text of a YAML file; every other line stays, byte for byte.

Nothing is written anew from what was read: a value is cut out of the text, and another put there. A
text in a form that nobody thought of may become something else by that, so whoever calls reads it
again; see `tables_edit`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, NamedTuple

import yaml

from opendental_pipeline.settings.errors import ValidationError
from opendental_pipeline.settings.yaml_positions import YamlPath, nodes_of

_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_COLON = re.compile(r"\s*:")

_Pair = tuple[Any, Any]
"""The nodes of a key and of its value."""


class _Cut(NamedTuple):
    """What stands between two positions of a text, instead of what stands there now."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Style:
    """How new parts of a text are written.

    Attributes:
        order: keys of mappings; a new one stands behind those that come before it here.
        blocks: keys whose mappings are lines of their own; all others stand in one line.
    """

    order: Sequence[str] = ()
    blocks: Sequence[str] = ()


def with_values(text: str, values: Mapping[YamlPath, str | None], style: Style) -> str:
    """Sets and removes values in a text.

    Args:
        text: YAML, a mapping.
        values: by place, in one line of YAML each; None removes what is there. No two of them are
            new or removed in the same mapping.
        style: of what is new.

    Raises:
        ValidationError: it cannot be done without writing more of the text anew.
        yaml.YAMLError: the text is no YAML.
    """
    found = _Text(text, nodes_of(text), style)
    cuts = [
        cut
        for place, value in values.items()
        for cut in (found.without(place) if value is None else found.having(place, value))
    ]
    for cut in sorted(cuts, reverse=True):
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


def lines_of(text: str, place: YamlPath) -> str:
    """The lines of a value with its key and comments, as they are; empty if it is not there.

    Args:
        text: YAML, a mapping.
        place: of the value.
    """
    return _Text(text, nodes_of(text), Style()).lines_of(place)


class _OneLineDumper(yaml.SafeDumper):
    """Writes a text with line breaks with their escapes."""


_OneLineDumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style='"' if _BREAK.search(text) else None
    ),
)


def in_one_line(value: object) -> str:
    """A value as YAML in one line, which is right between brackets, too."""
    written: str = yaml.dump(
        [value],
        Dumper=_OneLineDumper,
        default_flow_style=True,
        width=10_000_000,
        allow_unicode=True,
        sort_keys=False,
    )
    return written.strip()[1:-1]


@dataclass(frozen=True)
class _Text:
    """A text, and where its values stand."""

    text: str
    root: Any
    style: Style

    def having(self, place: YamlPath, value: str) -> Iterator[_Cut]:
        """Sets a value, and the mappings around it that are not there."""
        pairs = self._way(place)
        if len(pairs) == len(place):
            yield from self._replaced(*pairs[-1], value)
            return
        mapping = pairs[-1][1] if pairs else self.root
        if not isinstance(mapping, yaml.MappingNode):
            raise _unfit(place[: len(pairs)])
        yield from self._inserted(pairs, mapping, place[len(pairs) :], value)

    def without(self, place: YamlPath) -> Iterator[_Cut]:
        """Removes a value, and of the lines around it none."""
        pairs = self._way(place)
        if len(pairs) < len(place):
            # it comes from another mapping, by a merge key
            raise _unfit(place)
        mapping = pairs[-2][1] if len(pairs) > 1 else self.root
        number = mapping.value.index(pairs[-1])
        key, value = pairs[-1]
        if mapping.flow_style:
            if len(mapping.value) == 1:
                yield _Cut(mapping.start_mark.index, mapping.end_mark.index, "{}")
            elif number:
                yield _Cut(self._end(*mapping.value[number - 1]), self._end(key, value), "")
            else:
                following, _ = mapping.value[1]
                yield _Cut(key.start_mark.index, following.start_mark.index, "")
            return
        ends = _BREAK.search(self.text, self._line_end(self._end(key, value)))
        start = key.start_mark.index - key.start_mark.column
        yield _Cut(start, ends.end() if ends else len(self.text), "")
        if len(mapping.value) == 1 and len(pairs) > 1:
            behind = self._behind_colon(pairs[-2][0])
            yield _Cut(behind, behind, " {}")

    def lines_of(self, place: YamlPath) -> str:
        """The lines of a value with its key; empty if it is not there."""
        pairs = self._way(place)
        if len(pairs) < len(place):
            return ""
        start, end = pairs[-1][0].start_mark, self._line_end(self._end(*pairs[-1]))
        return dedent(" " * start.column + self.text[start.index : end])

    def _way(self, place: YamlPath) -> list[_Pair]:
        """The pairs on the way to a place, as far as they are there."""
        pairs: list[_Pair] = []
        node = self.root
        for part in place:
            if not isinstance(node, yaml.MappingNode):
                break
            pair = next((one for one in node.value if one[0].value == part), None)
            if pair is None:
                break
            key, node = pair
            if node.start_mark.index < key.end_mark.index:
                # an alias: what it stands for is elsewhere
                raise _unfit(place[: len(pairs) + 1])
            pairs.append(pair)
        return pairs

    def _replaced(self, key: Any, old: Any, value: str) -> Iterator[_Cut]:
        start, end = old.start_mark.index, self._end(key, old)
        if isinstance(old, yaml.CollectionNode) and not old.flow_style:
            behind = self._behind_colon(key)
            yield _Cut(behind, behind, f" {value}")
            yield _Cut(self._line_end(behind), self._line_end(end), "")
        elif start == end:
            behind = self._behind_colon(key)
            yield _Cut(behind, behind, f" {value}")
        else:
            yield _Cut(start, end, value)

    def _inserted(
        self, pairs: list[_Pair], mapping: Any, names: Sequence[object], value: str
    ) -> Iterator[_Cut]:
        around = pairs[-2][1] if len(pairs) > 1 else self.root
        if mapping.flow_style and (mapping.value or not pairs or around.flow_style):
            item = _nested(names, value)
            at = self._end(*mapping.value[-1]) if mapping.value else mapping.end_mark.index - 1
            yield _Cut(at, at, f", {item}" if mapping.value else item)
            return
        indent = self._indent(mapping, pairs)
        item = self._lines(names, value, indent)
        if mapping.flow_style:
            # an empty one becomes lines
            behind, end = self._behind_colon(pairs[-1][0]), mapping.end_mark.index
            yield _Cut(behind, end, "")
            yield self._line_behind(end, indent + item)
            return
        name = str(names[0])
        before = set(self.style.order[: self.style.order.index(name)] if self._orders(name) else ())
        known = [pair for pair in mapping.value if pair[0].value in before]
        if known or not self._orders(name):
            yield self._line_behind(self._end(*(known or mapping.value)[-1]), indent + item)
        elif pairs:
            yield self._line_behind(self._behind_colon(pairs[-1][0]), indent + item)
        else:
            start = mapping.value[0][0].start_mark.index
            yield _Cut(start, start, f"{item}{self._newline}")

    def _orders(self, name: str) -> bool:
        return name in self.style.order

    def _line_behind(self, position: int, line: str) -> _Cut:
        end = self._line_end(position)
        return _Cut(end, end, self._newline + line)

    def _lines(self, names: Sequence[object], value: str, indent: str) -> str:
        """A pair as it stands in a block; the first line without its indent."""
        name, *inner = names
        if not inner or name not in self.style.blocks:
            return _nested(names, value)
        below = f"{indent}  "
        lines = self._lines(inner, value, below)
        return f"{in_one_line(name)}:{self._newline}{below}{lines}"

    def _end(self, key: Any, value: Any) -> int:
        """Where a pair ends, without the lines below a block."""
        if value.start_mark.index < key.end_mark.index:  # an alias, in the line of its key
            return int(key.end_mark.index)
        if isinstance(value, yaml.CollectionNode) and not value.flow_style and value.value:
            last = value.value[-1]
            return self._end(*(last if isinstance(value, yaml.MappingNode) else (value, last)))
        end = int(value.end_mark.index)
        # a text of several lines has the empty ones below it
        return len(self.text[:end].rstrip()) if getattr(value, "style", "") in ("|", ">") else end

    def _indent(self, mapping: Any, pairs: list[_Pair]) -> str:
        if mapping.value and not mapping.flow_style:
            return " " * int(mapping.value[0][0].start_mark.column)
        return " " * (pairs[-1][0].start_mark.column + 2 if pairs else 0)

    def _behind_colon(self, key: Any) -> int:
        colon = _COLON.match(self.text, key.end_mark.index)
        if colon is None:
            raise _unfit((key.value,))
        return colon.end()

    def _line_end(self, position: int) -> int:
        found = _BREAK.search(self.text, position)
        return found.start() if found else len(self.text)

    @property
    def _newline(self) -> str:
        found = _BREAK.search(self.text)
        return found.group() if found else "\n"


def _nested(names: Sequence[object], value: str) -> str:
    """A pair in one line, whose value is in mappings of one pair each."""
    *above, name = names
    written = f"{in_one_line(name)}: {value}"
    for outer in reversed(above):
        written = f"{in_one_line(outer)}: {{{written}}}"
    return written


def _unfit(place: YamlPath) -> ValidationError:
    where = ".".join(map(str, place))
    return ValidationError(f"{where} is written in a way that is only edited by hand")
