"""Dumps what two nights of this version leave, so that the next one can be shown to continue it.

python -m tests.earlier.make
"""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ruamel.yaml import YAML

from demo import servers
from demo.servers import Server
from opendental_pipeline.settings.tables_file import load_tables
from tests.conftest import Clinic, new_clinic
from tests.earlier import practice
from tests.earlier.restore import ANALYSIS, DUMP, TABLES_FILE
from tests.programs import start


def main() -> None:
    """Lives the two days on private servers and writes the files of the folder `dump`."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        directory = Path(folder)
        cluster = servers.start(directory / "servers", say=lambda _: None)
        try:
            with new_clinic(cluster, directory, monkeypatch, name=practice.NAME) as clinic:
                clinic.environ["ETL_HASH_KEY"] = practice.HASH_KEY
                two_nights(clinic)
                dump_mysql(cluster.source, "source.sql")
                dump_mysql(cluster.replication, "replication.sql")
                dump_postgres(cluster.analytics, "raw.sql")
        finally:
            servers.remove(directory / "servers")


def two_nights(clinic: Clinic) -> None:
    """Runs two nights; in the second one a pass of one table is interrupted."""
    clinic.sql(*practice.TABLES, *practice.FIRST_DAY)
    write_tables(clinic)
    tables = load_tables(TABLES_FILE)
    assert clinic.run(tables=tables, tuning=practice.TUNING).failed == []
    clinic.sql(*practice.SECOND_DAY, *practice.UPGRADE)
    clinic.execute(clinic.replication, practice.REFUSE)
    night = clinic.run(tables=tables, tuning=practice.TUNING)
    assert night.failed == ["securitylog"], night.failed
    clinic.execute(clinic.replication, "DROP TRIGGER refuse")


def write_tables(clinic: Clinic) -> None:
    """Writes tables.yml and the analysis beside it, as analyze.py does; then a person edits it."""
    for path in (TABLES_FILE, ANALYSIS):
        path.unlink(missing_ok=True)
    done = start("analyze.py", "--output", str(TABLES_FILE), environ=clinic.variables(), cwd=DUMP)
    assert done.code == 0, done.err
    yaml = YAML()
    yaml.width = 100
    content = yaml.load(TABLES_FILE)
    for table, fields in practice.OVERRIDES.items():
        content["tables"][table] |= fields
    yaml.dump(content, TABLES_FILE)


def dump_mysql(server: Server, file: str) -> None:
    """Writes a database of MariaDB as SQL, a row a line."""
    command = ["mariadb-dump", "--protocol=tcp", f"--host={server.host}", f"--port={server.port}"]
    command += [f"--user={server.user}", "--skip-ssl", "--default-character-set=utf8mb4"]
    command += ["--skip-comments", "--skip-dump-date", "--skip-lock-tables", "--skip-add-locks"]
    command += ["--skip-disable-keys", "--skip-extended-insert", "--hex-blob", practice.NAME]
    _write(file, command, MYSQL_PWD=server.password)


def dump_postgres(server: Server, file: str) -> None:
    """Writes the schema raw as SQL, a row a line."""
    command = ["pg_dump", f"--host={server.host}", f"--port={server.port}"]
    command += [f"--username={server.user}", "--schema=raw", "--inserts", "--no-owner"]
    _write(file, [*command, "--no-privileges", practice.NAME], PGPASSWORD=server.password)


def _write(file: str, command: list[str], **password: str) -> None:
    environ = {**os.environ, **password}
    text = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    # without remarks, and without what only the servers' own clients understand
    lines = [
        line for line in text.splitlines() if line and not line.startswith(("--", "\\", "/*M!9"))
    ]
    (DUMP / file).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
