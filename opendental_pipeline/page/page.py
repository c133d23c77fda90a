"""The status as one HTML file: it asks for nothing, and its ages go on by themselves.

Its moments are told in UTC, and a browser makes ages of them. So it turns red when runs stop,
though nobody writes it any more.
"""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opendental_pipeline.page import chart
from opendental_pipeline.page.chart import NIGHTS
from opendental_pipeline.page.sections import coercions, compared, schema_changes
from opendental_pipeline.runs.naming import some
from opendental_pipeline.runs.progress_now import ARROWS, in_words
from opendental_pipeline.settings.text_file import replace_text
from opendental_pipeline.status.model import NOTICES, PipelineStatus, State, TableStatus
from opendental_pipeline.status.words import moment

_PROBLEMS = 20
"""That are shown at once."""

_LINES = 200
"""Of a list of what the last runs found."""


def write_page(path: Path, status: PipelineStatus) -> None:
    """Writes the page, at once and as a whole.

    Args:
        path: of the file.
        status: what it says.

    Raises:
        OSError: it cannot be written; the page before stays.
    """
    replace_text(path, render(status), 0o640)


def render(status: PipelineStatus) -> str:
    """The page.

    Args:
        status: what it says.
    """
    style, script = part("page.css"), part("page.js")
    template = templates().get_template("page.html.j2")
    return template.render(
        status=status,
        style=style,
        script=script,
        policy=policy(style, script),
        tables=sorted(status.tables, key=_urgency),
        nights=chart.nights(status),
        schema_changes=list(schema_changes(status)),
        compared=list(compared(status)),
        coercions=list(coercions(status)),
        runs=status.runs[:NIGHTS],
        chart=chart,
        notices=NOTICES,
        limit=_PROBLEMS,
        most=_LINES,
        states=list(State),
        arrows=ARROWS,
    )


def templates() -> Environment:
    """The templates of pages, of which everything is escaped."""
    made = Environment(
        autoescape=True,
        loader=PackageLoader(__package__, ""),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(
        in_words=in_words, number=_number, some=some, span=_span, time=_time, utc=_utc
    )
    return made


def part(name: str) -> Markup:
    """A file beside this one, as it stands.

    Args:
        name: of it.
    """
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def policy(style: str, script: str) -> str:
    """What a browser may do with a page: nothing but its own style and script.

    Args:
        style, script: as they stand in it.
    """

    def source(text: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:;"
        f" style-src {source(style)}; script-src {source(script)}"
    )


def _urgency(table: TableStatus) -> tuple[int, str]:
    """What is worst comes first."""
    states = list(State)
    ranks = [states.index(state) for state in table.states]
    return min(ranks, default=len(states)), table.table_name


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}"


def _time(at: datetime | str | None) -> str:
    """A moment that a browser makes an age of."""
    if at is None:
        return ""
    if isinstance(at, str):
        at = datetime.fromisoformat(at).astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(_utc(at), moment(at).removesuffix(" UTC"))


def _span(seconds: float | None) -> str:
    return "" if seconds is None else str(timedelta(seconds=round(seconds)))


def _number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
