"""Values in YAML as people write them, and as readers of every version of YAML know them."""

from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString


def as_yaml(value: Any) -> Any:
    """A value as people write it: lists and hints in one line, texts that stay texts."""
    match value:
        case Mapping():
            made = CommentedMap({as_yaml(key): as_yaml(inner) for key, inner in value.items()})
            made.fa.set_flow_style()
            return made
        case list() | tuple():
            items = CommentedSeq(map(as_yaml, value))
            items.fa.set_flow_style()
            return items
        case str():
            # PyYAML reads YAML 1.1, where `on` and `1_0` are no texts; ruamel.yaml writes 1.2,
            # and in a list `:0` and `?0` as they are
            quote = yaml.safe_dump([value], default_flow_style=True)[1]
            kinds = {"'": SingleQuotedScalarString, '"': DoubleQuotedScalarString}
            return kinds[quote](value) if quote in kinds else value
        case _:
            return value


def plain(value: Any) -> str:
    """About how a value looks in its line, for the place of the comment behind it."""
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {plain(inner)}' for key, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(plain, value))}]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
