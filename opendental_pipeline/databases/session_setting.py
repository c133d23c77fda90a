"""One setting of a session, and the value that it gets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opendental_pipeline.settings.tuning import ConnectionTuning


@dataclass(frozen=True)
class Limit:
    """A value that a person may turn.

    Attributes:
        name: of the tunable, in seconds.
        factor: the server's units in a second.
    """

    name: str
    factor: int = 1


@dataclass(frozen=True)
class Setting:
    """One setting of a session.

    Attributes:
        name: as the server calls it.
        value: in the server's words, without quotes; a function of what it says of its other
            settings, or of the limits of its sessions, where these decide.
        why: what goes wrong without it.
        needed: whether nothing is done without it, where the account may not set it.
    """

    name: str
    value: str | Callable[[Mapping[str, str]], str] | Limit
    why: str
    needed: bool = True

    def wanted(self, shown: Mapping[str, str], tuning: ConnectionTuning) -> str:
        """The value for a server.

        Args:
            shown: the server's settings by name.
            tuning: the limits of its sessions.
        """
        match self.value:
            case str(value):
                return value
            case Limit(name, factor):
                return str(factor * getattr(tuning, name))
            case asked:
                return asked(shown)
