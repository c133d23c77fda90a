"""The page of the status, in a real Chromium: what it shows, and what becomes of it in time."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from demo.servers import Cluster
from opendental_pipeline.page.grid import render_grid
from opendental_pipeline.page.page import render
from opendental_pipeline.status.facts import Facts
from opendental_pipeline.status.judge import judge
from opendental_pipeline.status.model import PipelineStatus, Problem, State
from tests import programs, statuses
from tests.browser import Chromium, chromium, take_picture
from tests.conftest import Clinic
from tests.statuses import NOW

STATUSES = {"well": statuses.all_well, "ill": statuses.some_ill, "silent": statuses.silent}
GREEN, RED = "rgb(223, 242, 229)", "rgb(179, 38, 30)"
HEADERS = {
    (True, "light"): GREEN,
    (False, "light"): RED,
    (True, "dark"): "rgb(18, 51, 31)",
    (False, "dark"): "rgb(163, 32, 26)",
}
BACKGROUNDS = {"light": "rgb(246, 247, 248)", "dark": "rgb(18, 21, 24)"}

Window = dict[str, Any]
WINDOWS: list[Window] = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width in (1280, 400)
    for scheme in BACKGROUNDS
]


def name_of(name: str, window: Window) -> str:
    return f"{name}-{window['viewport']['width']}-{window['color_scheme']}"


each_window = pytest.mark.parametrize(
    ("name", "window"),
    [
        pytest.param(name, window, id=name_of(name, window))
        for name in STATUSES
        for window in WINDOWS
    ],
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: the folder that ARTEFACTS names, or one of pytest's own."""
    named = os.environ.get("ARTEFACTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def header(page: Page) -> str:
    """The colour of the verdict."""
    colour: str = page.evaluate(
        "getComputedStyle(document.querySelector('header')).backgroundColor"
    )
    return colour


def column(page: Page, number: int) -> list[str]:
    """The texts of a column of the tables that are shown, from above."""
    rows = page.locator(f"#tables tbody tr:not([hidden]) > :nth-child({number})")
    return rows.all_inner_texts()


def unfold(page: Page) -> None:
    """Opens everything that is folded."""
    for folded in page.locator("details:not([open]) > summary").all()[::-1]:
        folded.click()
    assert page.locator("details:not([open])").count() == 0


@each_window
def test_it_fits_the_width_by_day_and_by_night(
    browser: Chromium, artefacts: Path, name: str, window: Window
) -> None:
    status = STATUSES[name](60)
    page = browser.open(render(status), at=status.at, **window)
    take_picture(page, artefacts / f"{name_of(name, window)}.png")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == BACKGROUNDS[window["color_scheme"]]
    assert header(page) == HEADERS[name == "well", window["color_scheme"]]
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") == window["viewport"]["width"]
    page.context.close()


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: name_of("all", window))
def test_the_page_of_all_clinics_leads_to_each_and_turns_red_by_itself(
    browser: Chromium, artefacts: Path, window: Window
) -> None:
    well, ill = statuses.all_well(6, 6), statuses.some_ill(6, 6)
    clinics = {"north": well, "south": ill, "west": None}
    links = {name: f"status_{name}.html" for name in clinics}
    page = browser.open(render_grid(clinics, links), at=NOW, **window)
    take_picture(page, artefacts / f"{name_of('all', window)}.png")
    assert header(page) == HEADERS[False, window["color_scheme"]]
    assert page.locator("h1").inner_text() == "2 of 3 clinics need somebody"
    assert page.locator("tbody th").all_inner_texts() == ["south", "west", "north"]
    assert page.locator("tbody a").first.get_attribute("href") == "status_south.html"
    assert page.evaluate("document.documentElement.scrollWidth") == window["viewport"]["width"]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()

    page = browser.open(render_grid({"north": well}, links), at=NOW, **window)
    assert header(page) == HEADERS[True, window["color_scheme"]]
    page.clock.fast_forward("48:00:00")
    assert header(page) == HEADERS[False, window["color_scheme"]]
    assert page.locator("h1").inner_text() == "1 clinic is overdue"
    assert page.title() == "✗ 1 clinic is overdue"
    assert page.locator("#overdue").is_visible()
    page.context.close()


@each_window
def test_everybody_can_read_it(browser: Chromium, name: str, window: Window) -> None:
    # as little as has everything: each text is looked at
    status = STATUSES[name](6, 6)
    page = browser.open(render(status), at=status.at, **window)
    unfold(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_nothing_is_asked_for_but_the_file(browser: Chromium) -> None:
    browser.requests.clear()
    page = browser.open(render(statuses.some_ill()))
    page.wait_for_load_state("networkidle")
    assert browser.requests == [page.url]
    assert page.url.startswith("file://")
    page.context.close()


def test_a_script_in_an_error_is_text(browser: Chromium) -> None:
    browser.errors.clear()
    page = browser.open(render(statuses.some_ill(20)), at=NOW)
    assert "</script><script>document.title" in page.locator(".problems").inner_text()
    assert page.locator("script, img").count() == 1
    assert page.title().startswith("✗ 2 tables failed; 1 table braked; 2 tables drifted")
    assert browser.errors == []
    page.context.close()


def test_a_script_that_came_in_all_the_same_would_not_run(browser: Chromium) -> None:
    browser.errors.clear()
    html = render(statuses.all_well(5))
    page = browser.open(html.replace("<main>", '<main><script>document.title = "taken"</script>'))
    assert page.title() != "taken"
    assert ["Content Security Policy" in error for error in browser.errors] == [True]
    page.context.close()


def test_it_turns_red_by_itself(browser: Chromium) -> None:
    status = statuses.all_well()
    page = browser.open(render(status), at=status.at)
    assert (header(page), page.title()) == (GREEN, "✓ all well · raw, production")
    assert page.locator("#overdue").is_hidden()
    assert column(page, 3)[0] == "5 h ago"
    icon = page.locator("link[rel=icon]")
    green = icon.get_attribute("href")
    page.clock.fast_forward("29:00:00")
    assert (header(page), column(page, 3)[0]) == (GREEN, "34 h ago")
    page.clock.fast_forward("19:00:00")
    assert header(page) == RED
    verdict = "a run is overdue; 410 tables are stale"
    assert page.title() == f"✗ {verdict} · raw, production"
    assert page.locator("h1").inner_text().lower() == verdict
    banner = page.locator("#overdue")
    assert "No run began after 2026-03-11 01:30, 54 h ago" in banner.inner_text()
    assert "written 2026-03-11 07:30, 48 h ago, and by nobody since" in banner.inner_text()
    assert icon.get_attribute("href") != green
    assert set(column(page, 2)) == {"stale"}
    page.context.close()


def test_a_page_that_is_opened_late_is_red_from_the_beginning(browser: Chromium) -> None:
    status = statuses.some_ill(20)
    page = browser.open(render(status), at=NOW + timedelta(days=2))
    assert page.title().startswith("✗ a run is overdue; 20 tables are stale; 2 tables failed; ")
    assert page.locator("#overdue").is_visible()
    page.context.close()


def test_tables_that_became_stale_are_enough(browser: Chromium) -> None:
    status = statuses.all_well(20)
    old = status.tables[0].model_copy(update={"last_loaded": NOW - timedelta(hours=35)})
    status = status.model_copy(update={"tables": (old, *status.tables[1:])})
    page = browser.open(render(status), at=NOW)
    assert header(page) == GREEN
    page.clock.fast_forward("02:00:00")
    assert (header(page), page.title()) == (RED, "✗ 1 table is stale · raw, production")
    assert page.locator("#no-run").is_hidden()
    assert page.locator("#no-page").is_hidden()
    page.context.close()


def test_tables_are_sorted_and_found_by_keyboard(browser: Chromium) -> None:
    status = statuses.some_ill(60)
    page = browser.open(render(status), at=NOW)
    names = [table.table_name for table in status.tables]
    page.locator("#name").focus()
    page.keyboard.type("SHEET")
    assert sorted(column(page, 1)) == sorted(name for name in names if "sheet" in name)
    count = len(column(page, 1))
    assert page.locator("#count").inner_text() == f"{count} of 60 tables"
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    page.keyboard.type("drif")
    drifted = [table.table_name for table in status.tables if "drifted" in table.states]
    assert sorted(column(page, 1)) == sorted(drifted)
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert re.fullmatch(r"2026-03-11 01:\d\d", column(page, 3)[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    first = page.locator("#tables th").first
    assert column(page, 1) == sorted(names)
    assert first.get_attribute("aria-sort") == "ascending"
    assert page.locator("#tables th[aria-sort]").count() == 1
    page.keyboard.press("Space")
    assert column(page, 1) == sorted(names, reverse=True)
    assert first.get_attribute("aria-sort") == "descending"
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"
    page.context.close()


def test_numbers_moments_and_states_are_sorted_as_such(browser: Chromium) -> None:
    status = statuses.some_ill(60)
    silent = status.tables[9].model_copy(update={"rows": None, "last_changed": None})
    tables = (*status.tables[:9], silent, *status.tables[10:])
    page = browser.open(render(status.model_copy(update={"tables": tables})), at=NOW)
    buttons = page.locator("#tables thead button")
    buttons.nth(4).press("Enter")
    rows = sorted(table.rows for table in tables if table.rows is not None)
    assert column(page, 5) == [*(f"{number:,}" for number in rows), ""]
    buttons.nth(4).press("Enter")
    assert column(page, 5) == [*(f"{number:,}" for number in reversed(rows)), ""]
    page.locator("#utc").press("Space")
    buttons.nth(3).press("Enter")
    moments = column(page, 4)
    assert moments == [*sorted(moments[:-1]), ""]
    buttons.nth(1).press("Enter")
    assert [state for state in column(page, 2) if state != "well"] == ["failed", "failed", "braked"]
    page.context.close()


def test_without_scripts_it_says_everything_but_ages(browser: Chromium) -> None:
    status = statuses.some_ill(20)
    page = browser.open(render(status), java_script_enabled=False)
    text = page.locator("body").inner_text()
    for words in (
        "2 tables failed; 1 table braked; 2 tables drifted",
        "Without JavaScript no age is computed",
        "The last run began 2026-03-11 01:30. Written 2026-03-11 07:30.",
        "nightly.py --table sheetfield",
        "breaks dbt models stg_opendental__patient, mart_patients",
        "sheetold: gone since 2026-02-01",
        "procnote.Signature",
        "10.11.19-MariaDB",
    ):
        assert words in text
    assert " ago" not in text
    assert len(column(page, 1)) == 20
    assert page.locator("#filter").is_hidden()
    assert page.locator("th button").count() == 0
    page.context.close()


def test_nights_are_as_high_as_they_were_long_and_have_the_colour_of_their_ending(
    browser: Chromium,
) -> None:
    status = statuses.all_well(5)
    page = browser.open(render(status), at=NOW)
    bars = page.locator("svg.nights path.success, svg.nights path.interrupted")
    boxes = [box for bar in bars.all()[:20] if (box := bar.bounding_box())]
    heights = [box["height"] for box in boxes]
    seconds = [run.seconds or 0.0 for run in status.runs[:20]]
    for height, length in zip(heights, seconds, strict=True):
        assert height / max(heights) == pytest.approx(length / max(seconds), abs=0.03)
    # the latest one on the right
    lefts = [box["x"] for box in boxes]
    assert lefts == sorted(lefts, reverse=True)
    assert page.locator("svg.nights .gap").count() == 1
    assert page.locator("svg.nights .cut").count() == 1
    shown = page.locator("svg.nights .interrupted title").text_content()
    assert shown and shown.startswith("2026-02-06 01:30 UTC: interrupted, 0:")
    page.context.close()


def test_a_page_of_every_table_and_of_a_long_history_is_small(browser: Chromium) -> None:
    status = statuses.all_well()
    assert (len(status.tables), len(status.runs)) == (410, 400)
    html = render(status)
    assert len(html.encode()) <= 270_000
    page = browser.open(html, at=NOW)
    assert page.locator("#tables tbody tr").count() == 410
    page.context.close()


def test_a_run_at_work_is_told_with_its_rows(browser: Chromium) -> None:
    status = statuses.at_work(20)
    page = browser.open(render(status), at=NOW)
    assert header(page) == GREEN
    text = page.locator("body").inner_text()
    assert "A run is at work since 2026-03-11 07:18, 12 min ago." in text
    assert "13 of 20 tables, 41,000 rows" in text
    assert page.locator("svg.nights .running").count() == 1
    page.clock.fast_forward("40:00:00")
    assert page.title().startswith("✗ a run is overdue; ")
    page.context.close()


def test_of_many_problems_the_first_ones_are_shown(browser: Chromium) -> None:
    status = statuses.all_well(30)
    one = {"state": State.FAILED, "text": "table x{}: odd", "command": "nightly.py --table x{}"}
    many = [Problem(**{n: v.format(number) for n, v in one.items()}) for number in range(45)]
    changes = {f"t{number}": ("column a was added",) for number in range(250)}
    run = status.runs[0].model_copy(update={"schema_changes": changes})
    update = {"problems": tuple(many), "runs": (run,), "remarks": ("tables.yml cannot be read",)}
    page = browser.open(render(status.model_copy(update=update)), at=NOW)
    assert page.locator(".problems li:visible").count() == 20
    text = page.locator("main").inner_text()
    assert "25 more" in text
    assert "tables.yml cannot be read" in text
    unfold(page)
    assert page.locator(".problems li:visible").count() == 45
    assert "… and 50 more." in page.locator("main").inner_text()
    page.context.close()


@pytest.mark.parametrize("many", [0, 45])
def test_before_the_first_night_it_says_so(browser: Chromium, many: int) -> None:
    browser.errors.clear()
    status: PipelineStatus = judge(Facts(at=NOW), statuses.configs(many), schema="raw")
    page = browser.open(render(status), at=NOW)
    assert header(page) == RED
    assert "No run was ever recorded." in page.locator("main").inner_text()
    assert column(page, 2) == ["never"] * many
    assert browser.errors == []
    page.context.close()


def opened(browser: Chromium, file: Path) -> Page:
    """A page that a program wrote, which has no values, and one account may read beside its own."""
    assert file.stat().st_mode & 0o777 == 0o640
    html = file.read_text()
    assert "secret" not in html
    return browser.open(html)


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    clinic.sql(
        "CREATE TABLE visit (n int NOT NULL PRIMARY KEY, Note text) ENGINE=MyISAM",
        "INSERT INTO visit SELECT seq, 'secret' FROM seq_1_to_300",
    )
    return clinic


def test_the_program_writes_it_of_real_nights(
    practice: Clinic, browser: Chromium, artefacts: Path, tmp_path: Path
) -> None:
    browser.errors.clear()
    assert programs.nightly(practice).code == 0
    practice.sql("ALTER TABLE visit ADD COLUMN Amount double", "DELETE FROM visit WHERE n > 9")
    assert programs.nightly(practice).code == 1
    file = tmp_path / "status.html"
    environ = {**programs.environment(practice), "STATUS__MAX_AGE_HOURS": "48"}
    done = programs.start("status.py", "--html", str(file), environ=environ, cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    page = opened(browser, file)
    take_picture(page, artefacts / "real.png")
    assert page.locator("h1").inner_text() == done.out.splitlines()[0].split(";")[0]
    assert column(page, 1) == ["visit"]
    assert column(page, 2) == ["braked"]
    assert column(page, 3) == ["0 min ago"]
    assert page.locator("body").get_attribute("data-hours") == "48.0"
    assert column(page, 5) == ["300"]
    assert page.locator("svg.nights .success, svg.nights .failed").count() == 2
    text = page.locator("main").inner_text()
    assert "nightly.py --table visit --yes-i-mean-it" in text
    assert "Amount" in text
    assert browser.errors == []
    page.context.close()


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_asked(
    tmp_path: Path, cluster: Cluster
) -> None:
    environ = {**cluster.environ(), "POSTGRES_ANALYTICS_PORT": "1"}
    file = tmp_path / "no" / "page.html"
    done = programs.start("status.py", "--html", str(file), environ=environ, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    reason = f"No such file or directory ({file.parent})"
    assert done.err == f"--html {file} cannot be written: {reason}\n"


def test_every_ending_of_a_run_writes_the_page_that_is_configured(
    practice: Clinic, browser: Chromium, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    wanted = {"STATUS__PAGE_FILE": str(file)}
    assert programs.nightly(practice, **wanted).code == 0
    page = opened(browser, file)
    assert page.title() == "✓ all well · raw, production"
    page.context.close()
    unreachable = programs.nightly(practice, **wanted, OPENDENTAL_SOURCE_PORT="1")
    assert unreachable.code == 2
    page = opened(browser, file)
    assert page.title() == "✗ the last run failed · raw, production"
    assert "cannot connect to" in page.locator(".problems").inner_text()
    page.context.close()
    file.unlink()
    assert programs.nightly(practice, "--dry-run", **wanted).code == 0
    assert not file.exists()


def test_a_page_that_fails_changes_no_ending(practice: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "no" / "page.html"
    done = programs.nightly(practice, STATUS__PAGE_FILE=str(file))
    assert done.code == 0
    last = done.err.splitlines()[-1]
    assert last == f"{file} could not be written: No such file or directory"
    file.parent.mkdir()
    down = {"STATUS__PAGE_FILE": str(file), "POSTGRES_ANALYTICS_PORT": "1"}
    done = programs.nightly(practice, **down)
    assert done.code == 2
    last = done.err.splitlines()[-1]
    assert last.startswith("the page could not be written: connection to server at ")
    assert not file.exists()
