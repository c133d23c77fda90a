"""Whether the backends that tables.yml names can be used at all."""

from collections.abc import Iterable
from importlib.util import find_spec

from opendental_pipeline.settings.connection import ConnectionConfig, TlsMode
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.table_config import Backend, TableConfig


def check_backends(configs: Iterable[TableConfig], source: ConnectionConfig) -> None:
    """Sees that the backends of some tables can be used.

    Args:
        configs: the tables' entries in tables.yml.
        source: where they are read.

    Raises:
        EnvironmentSettingError: connectorx is not installed, or would send rows in clear.
    """
    said = said_of_connectorx(configs)
    if not said:
        return
    if find_spec("connectorx") is None:
        raise EnvironmentSettingError(
            f"{said}, which is not installed; pip install 'opendental-pipeline[connectorx]', or"
            " use backend: wire"
        )
    if source.tls.effective_mode is not TlsMode.DISABLED and not source.is_local:
        raise EnvironmentSettingError(
            f"{said}, which does not encrypt; set OPENDENTAL_SOURCE_SSL_MODE=disabled if the"
            " network may see the rows, or use backend: wire"
        )


def said_of_connectorx(configs: Iterable[TableConfig]) -> str:
    """Which tables are read with connectorx, for messages; empty if none."""
    names = [c.table_name for c in configs if c.backend is Backend.CONNECTORX]
    return f"tables.yml reads {', '.join(names)} with backend: connectorx" if names else ""
