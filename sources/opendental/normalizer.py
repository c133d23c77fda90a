"""dlt's normalizer of rows, which has none to normalize; dlt finds it by its name in config.toml.

Slices are files that dlt imports as they are.
"""

from dlt.common.normalizers.json.relational import DataItemNormalizer as Relational


class DataItemNormalizer(Relational):
    """Normalizes dlt's own rows, and leaves out what it would prepare for those of each table."""

    def extend_table(self, table_name: str) -> None:
        """Does nothing: no rows of a table have children, or columns that come from parents."""
