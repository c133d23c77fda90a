"""The README tells the truth: its help texts are the programs' own, and its commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    "job", sorted(path.stem for path in (ROOT / "pipelines").glob("[a-z]*.py"))
)
def test_it_contains_the_live_help_of_every_job(job: str) -> None:
    shown = subprocess.run(
        [sys.executable, ROOT / "pipelines" / f"{job}.py", "--help"],
        env={**os.environ, "COLUMNS": "90"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.strip() in README


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`((?:config|pipelines|\.dlt|\.env)[\w./-]*\.\w+)`", README))
    local = {".dlt/secrets.toml", ".env_production", ".env_test"}
    assert {name for name in named - local if not (ROOT / name).exists()} == set()
