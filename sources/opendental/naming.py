"""The names that dlt may use: all of them; dlt finds this module by its name in .dlt/config.toml.

What dlt and PostgreSQL call a table or column is decided in `databases.identifiers`.
"""

from typing import ClassVar

from dlt.common.normalizers.naming.naming import NamingConvention as BaseNamingConvention


class NamingConvention(BaseNamingConvention):
    """Changes no identifier; dlt loads it by the name of this module, in .dlt/config.toml."""

    PATH_SEPARATOR: ClassVar[str] = "\x1f"

    def normalize_identifier(self, identifier: str) -> str:
        """The identifier itself."""
        return identifier

    @property
    def is_case_sensitive(self) -> bool:
        """Names that differ by case are different names."""
        return True
