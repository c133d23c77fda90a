"""The page of all clinics: how each stands, with a link to its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from opendental_pipeline.page.page import part, policy, templates
from opendental_pipeline.settings.around_tuning import StatusTuning
from opendental_pipeline.settings.clinic import own_file
from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.status.model import PipelineStatus


def write_grid(path: Path, clinics: Mapping[str, PipelineStatus | None]) -> None:
    """Writes the page, at once and as a whole.

    Args:
        path: of the file; the pages of the clinics lie beside it.
        clinics: how each stands, by name; None where nobody can say.

    Raises:
        OSError: it cannot be written; the page before stays.
    """
    links = {name: own_file(path, name).name for name in clinics}
    replace_text(path, render_grid(clinics, links), 0o640)


def render_grid(clinics: Mapping[str, PipelineStatus | None], links: Mapping[str, str]) -> str:
    """The page.

    Args:
        clinics: how each stands, by name.
        links: the page of each.
    """
    style, script = part("page.css"), part("grid.js")
    ill = [name for name, status in clinics.items() if status is None or not status.well]
    known = [status for status in clinics.values() if status]
    return (
        templates()
        .get_template("grid.html.j2")
        .render(
            clinics=dict(sorted(clinics.items(), key=lambda one: (one[0] not in ill, one[0]))),
            links=links,
            ill=ill,
            at=max((status.at for status in known), default=datetime.now(UTC)),
            hours=min((s.max_age_hours for s in known), default=StatusTuning.max_age_hours),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )
