"""What people read tells the truth: help texts are the programs' own, commands and files exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)


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
    assert shown.strip() in TEXT


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= targets


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`((?:config/|pipelines/|\.dlt|\.env)[\w./-]*\.\w+)`", TEXT))
    local = {".dlt/secrets.toml", ".env_production", ".env_test"}
    assert {name for name in named - local if not (ROOT / name).exists()} == set()


def test_every_page_that_a_page_links_to_exists() -> None:
    links = {
        (page.parent / target.split("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text())
    }
    assert [link for link in sorted(links) if not link.exists()] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 180
