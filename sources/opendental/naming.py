"""dlt's naming convention of this project: a name stays what it is at the source."""

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
