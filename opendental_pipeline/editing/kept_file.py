"""A text file whose earlier texts are kept beside it."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opendental_pipeline.settings.errors import (
    ConfigurationError,
    RefusedError,
    ValidationError,
)
from opendental_pipeline.settings.tables_faults import similar
from opendental_pipeline.settings.text_file import copy_owner, replace_text

KEPT = 50
"""How many texts are kept; older ones go."""

LATEST = "latest"

_NAME = "%Y%m%d-%H%M%S-%f"
_MOMENT = re.compile(r"\.(\d{8}-\d{6})(-\d{6})?$")


@dataclass(frozen=True)
class Backup:
    """A text that is kept.

    Attributes:
        path: of its file.
        made_at: when another one took its place.
    """

    path: Path
    made_at: datetime


@dataclass(frozen=True)
class KeptFile:
    """A file that is replaced as a whole, and the texts that it had."""

    path: Path

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.path.with_name("backups")

    def read(self) -> str:
        """The text as it is, to the byte; empty if there is no file.

        Raises:
            ValidationError: it cannot be read.
        """
        return read_exactly(self.path) if self.path.exists() else ""

    def replace(self, before: str, after: str, *, keep: bool = True) -> Path | None:
        """Writes another text, and keeps the one before.

        Args:
            before: what `read` said when the other text was made of it.
            after: the other text.
            keep: whether the one before is worth it.

        Returns:
            where it is kept; None if it is not, or there was none.

        Raises:
            RefusedError: somebody changed the file meanwhile, or does; nothing was written.
            ConfigurationError: it cannot be written; it is as it was.
        """
        try:
            with self._alone():
                if self.read() != before:
                    raise RefusedError(
                        f"{self.path} was changed by somebody else meanwhile, so nothing was"
                        " written; do it again"
                    )
                kept = self._keep(before) if keep and before else None
                replace_text(self.path, after)
        except OSError as error:
            raise ConfigurationError(
                f"{self.path} cannot be written, and is as it was: {error.strerror}"
            ) from None
        return kept

    def keep(self) -> Path:
        """Keeps the text as it is.

        Returns:
            where.

        Raises:
            ValidationError: there is none, or it cannot be read.
            RefusedError: somebody is changing it.
            ConfigurationError: it cannot be kept.
        """
        if not self.path.exists():
            raise ValidationError(f"there is no {self.path}, so nothing can be kept of it")
        try:
            with self._alone():
                return self._keep(self.read())
        except OSError as error:
            raise ConfigurationError(f"{self.folder} cannot be written: {error.strerror}") from None

    def backups(self) -> list[Backup]:
        """The texts that are kept, the newest first; files with other names are not ours."""
        found = [
            Backup(path, datetime.strptime(moment[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC))
            for path in self.folder.glob(f"{self.path.stem}.*{self.path.suffix}")
            if (moment := _MOMENT.fullmatch(path.stem.removeprefix(self.path.stem)))
        ]
        return sorted(found, key=lambda backup: backup.path.name, reverse=True)

    def backup(self, name: str) -> Backup:
        """One of them.

        Args:
            name: of its file, or `latest`.

        Raises:
            ValidationError: there is none of that name, or none at all.
        """
        known = {one.path.name: one for one in self.backups()}
        if not known:
            raise ValidationError(f"no earlier text of {self.path} is kept in {self.folder}")
        if name == LATEST:
            return next(iter(known.values()))
        if name not in known:
            raise ValidationError(f"{self.folder} has no {name}{similar(name, known)}")
        return known[name]

    def _keep(self, text: str) -> Path:
        self.folder.mkdir(exist_ok=True)
        copy_owner(self.folder, self.path.parent)
        if (kept := self.backups()) and kept[0].path.read_bytes() == text.encode():
            return kept[0].path
        while True:
            name = f"{self.path.stem}.{datetime.now(UTC):{_NAME}}{self.path.suffix}"
            if not (path := self.folder / name).exists():
                break
        replace_text(path, text, self.path.stat().st_mode & 0o777)
        copy_owner(path, self.path)
        for old in self.backups()[KEPT:]:
            old.path.unlink()
        return path

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other programs of ours from writing the same file."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise RefusedError(
                f"another program is writing {self.path}, so nothing was written; do it again"
            ) from None
        finally:
            os.close(folder)


def read_exactly(path: Path) -> str:
    """The text of a file with the line ends that it has.

    Raises:
        ValidationError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeError) as error:
        raise ValidationError(
            f"{path} cannot be read ({type(error).__name__}): it must be a text file in UTF-8"
        ) from None
