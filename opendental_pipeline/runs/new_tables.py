"""Tables of the source that tables.yml does not know: moved by the analyzer's rules, or named."""

from collections.abc import Iterable

from opendental_pipeline.planning.source_contract import OWN_TABLES, respelled
from opendental_pipeline.runs.copy_hop import CopyHop
from opendental_pipeline.settings.choices import OnNewTables
from opendental_pipeline.settings.table_config import TableConfig


class NewTables:
    """Tables that tables.yml does not know, and what a run does with them.

    Attributes:
        configs: the entries of those that it moves, made by the analyzer's rules.
        outcomes: what becomes of each, as a sentence.
    """

    def __init__(self, wanted: OnNewTables) -> None:
        self._wanted = wanted
        self.configs: dict[str, TableConfig] = {}
        self.outcomes: dict[str, str] = {}

    def name(self, copying: CopyHop, known: Iterable[str]) -> None:
        """Names them in a run of some tables, which takes none of them along.

        Args:
            copying: the first hop, which has read the catalogue.
            known: the tables in tables.yml.
        """
        others = copying.catalogue.keys() - {*known} - OWN_TABLES
        self.outcomes |= dict.fromkeys(sorted(others), "left alone by a run of some tables only")

    def find(self, copying: CopyHop, known: Iterable[str]) -> list[TableConfig]:
        """Looks for tables that are new since the last call; returns the entries of those to move.

        Args:
            copying: the first hop, which has read the catalogue.
            known: the tables in tables.yml.
        """
        found: list[TableConfig] = []
        known = frozenset(known)
        others = copying.catalogue.keys() - {*known, *self.outcomes} - OWN_TABLES
        if not others:
            return found
        recommended = copying.recommendations(copying.catalogue[name] for name in sorted(others))
        for name, choice in recommended.items():
            reasons, strategy = choice.reasons.fields, choice.config.extraction_strategy
            if former := respelled(name, known - copying.catalogue.keys()):
                # what tables.yml hides of it would be copied in clear
                self.outcomes[name] = f"left alone, since tables.yml calls it {former}"
            elif not choice.config.enabled:
                self.outcomes[name] = f"left alone, since {reasons['enabled']}"
            elif self._wanted is OnNewTables.REPORT:
                self.outcomes[name] = "left alone, as --on-new-tables report asks"
            else:
                why = reasons["extraction_strategy"]
                self.outcomes[name] = f"moved by the analyzer's rules: {strategy}, since {why}"
                self.configs[name] = choice.config
                found.append(choice.config)
        return found
