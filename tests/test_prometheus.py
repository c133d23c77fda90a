"""The metrics are Prometheus' own format, and the alert rules fire when they should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opendental_pipeline.settings.home import CHECKOUT
from opendental_pipeline.status.model import PipelineStatus
from opendental_pipeline.status.prometheus import write_metrics
from tests.promtool import Promtool, promtool_at_work
from tests.statuses import all_well, silent, some_ill

RULES = CHECKOUT / "docs" / "prometheus" / "opendental.rules.yml"


@pytest.fixture(scope="module")
def promtool() -> Iterator[Promtool]:
    with promtool_at_work() as program:
        yield program


@pytest.mark.parametrize("status", [all_well(20), some_ill(20), silent(20)])
def test_promtool_accepts_the_metrics(
    promtool: Promtool, tmp_path: Path, status: PipelineStatus
) -> None:
    file = tmp_path / "opendental.prom"
    write_metrics(file, status.model_copy(update={"schema_name": 'r"a\\w\n▲'}))
    done = promtool.run("check", "metrics", given=file.read_text())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    broken = file.read_text().replace("# TYPE opendental_well gauge", "# TYPE opendental_well x")
    assert promtool.run("check", "metrics", given=broken).returncode != 0


def test_the_alert_rules_fire_when_they_should_and_not_before(promtool: Promtool) -> None:
    for source in (RULES, CHECKOUT / "tests" / "opendental.rules.test.yml"):
        promtool.programs.account.write(promtool.home / source.name, source.read_text())
    done = promtool.run("check", "rules", str(promtool.home / RULES.name))
    assert done.returncode == 0, done.stderr
    done = promtool.run("test", "rules", str(promtool.home / "opendental.rules.test.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
