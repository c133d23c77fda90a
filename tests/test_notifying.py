"""People are told what is wrong, once, and no message changes how a run ended."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from opendental_pipeline.notifying.composing import compose
from opendental_pipeline.notifying.mail import MailTarget
from opendental_pipeline.notifying.message import Message
from opendental_pipeline.notifying.silence import wanted
from opendental_pipeline.notifying.targets import targets_of
from opendental_pipeline.notifying.told import Told, is_news, keys
from opendental_pipeline.settings.errors import EnvironmentSettingError
from opendental_pipeline.settings.table_config import TableConfig
from opendental_pipeline.status.model import Problem, State
from tests import programs, sinks
from tests.conftest import Clinic
from tests.test_status import set_back

MESSAGE = Message("OpenDental: 1 table failed", "failed: ▲\n", is_bad=True)
NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


# addresses


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mailtos://etl:hunter2@/?to=a@b.example", "names no mail server"),
        ("mailtos://etl:hunter2@mail.example/?from=a@b.example", "must say who gets it"),
        ("mailtos://etl:hunter2@mail.example/?to=nobody", "must say who gets it"),
        ("mailtos://etl:hunter2@mail.example/?to=a@b.example&from=x", "no address"),
        ("mailtos://etl:hunter2@mail.example/?to=a@b.example&mode=tls", "mode=starttls"),
        ("mailtos://etl:hunter2@mail.example:port/?to=a@b.example", "a port that is none"),
        ("mailtos://etl:hunter2@mail.example:99999/?to=a@b.example", "a port that is none"),
        ("mailtos://etl:hunter2/@mail.example/?to=a@b.example", "not written as %3A"),
        ("mailtos://[hunter2/?to=a@b.example", ""),
        ("mailto://etl:hunter2@mail.example/?to=a@b.example", "in the clear"),
        ("mailto://mail.example/?too=hunter2@b.example", "an option that mail does not know: too"),
        ("slak://hunter2/token", "no address that apprise knows"),
        ("slack://hunter2", "no address that apprise knows"),
    ],
)
def test_a_wrong_address_is_refused_and_not_shown(url: str, words: str) -> None:
    with pytest.raises(EnvironmentSettingError) as raised:
        targets_of(SecretStr(f"mailto://localhost/?to=a@b.example, {url}"))
    assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)
    if "://" in url:
        assert "ETL_NOTIFY_URLS: number 2 of 2 (" in str(raised.value)


def test_several_addresses_stand_in_one_setting() -> None:
    given = "mailto://localhost/?to=a@b.example,c@d.example,\n json://host.example/secret  "
    assert [target.name for target in targets_of(SecretStr(given))] == [
        "mail by localhost:25 to a@b.example, c@d.example",
        "json://host.example/secret",
    ]
    assert targets_of(SecretStr(" \n")) == ()
    with pytest.raises(EnvironmentSettingError, match="no scheme") as raised:
        targets_of(SecretStr("hunter2"))
    assert "hunter2" not in str(raised.value)


# what is told


def problems(names: frozenset[str]) -> list[Problem]:
    return [Problem(state=State.FAILED, tables=(name,), text="…") for name in sorted(names)]


@given(st.lists(st.tuples(st.frozensets(st.sampled_from("abc")), st.integers(1, 30))))
def test_the_same_is_told_once_a_day_and_everything_else_at_once(
    hours: list[tuple[frozenset[str], int]],
) -> None:
    told: Told | None = None
    last: frozenset[str] | None = None
    at, said = NOW, NOW
    for names, later in hours:
        at += timedelta(hours=later)
        # a plain model: what is there, against what was said
        expected = names != (last or frozenset()) or (
            bool(names) and at - said >= timedelta(days=1)
        )
        now = keys(problems(names))
        assert is_news(now, told, at) == expected
        if expected:
            told, last, said = Told(at=at, problems=now), names, at


def test_a_message_is_short_whatever_there_is_to_tell() -> None:
    names = tuple(f"table{n}" for n in range(40))
    many = Problem(state=State.FAILED, tables=names, text="x" * 5_000, command="nightly.py")
    message = compose("OpenDental", [many])
    assert message.title == "OpenDental: 40 tables failed"
    assert "table9 and 30 more: xxx" in message.text
    assert "  run: nightly.py" in message.text
    assert len(message.text) < 1_000


def test_what_tables_yml_silences_is_not_told() -> None:
    quiet = {"alert_on_failure": False, "alert_on_slow_extraction": False}
    configs = {
        "sheet": TableConfig(table_name="sheet", extraction_strategy="full_table", monitoring=quiet)
    }
    both = ("claim", "sheet")
    there = [
        Problem(state=state, tables=both, text="…")
        for state in State
        if state not in (State.CRASHED, State.OVERDUE)
    ]
    alone = Problem(state=State.STALE, tables=("sheet",), text="…")
    whole = Problem(state=State.CRASHED, text="…")
    heard = wanted([*there, alone, whole], configs)
    assert [problem.state for problem in heard] == [
        *(problem.state for problem in there if problem.state is not State.DRIFTED),
        State.CRASHED,
    ]
    assert {problem.tables for problem in heard} == {("claim",), ()}


# mail


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    yield tmp_path


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_mail_goes_encrypted_and_with_a_login(trusted: Path, mode: str) -> None:
    tls = sinks.certificate(trusted)
    with sinks.mail(tls, from_first_byte=mode == "ssl") as sink:
        url = sink.url("mailtos", f"{sinks.QUOTED}@", mode)
        MailTarget.of(url).send(MESSAGE, 5)
        (taken,) = sink.taken
        assert (taken["From"], taken["To"]) == (
            "etl@clinic.example",
            "it@clinic.example, boss@clinic.example",
        )
        assert taken["Subject"] == MESSAGE.title
        assert taken.get_content().replace("\r\n", "\n") == MESSAGE.text
        with pytest.raises(OSError, match="it answered 535") as raised:
            MailTarget.of(url.replace("hunter2", "hunter3")).send(MESSAGE, 5)
        assert "hunter" not in str(raised.value)


def test_mail_is_not_sent_to_a_server_that_nobody_vouches_for(
    tmp_path: Path,
) -> None:
    with sinks.mail(sinks.certificate(tmp_path)) as sink:
        with pytest.raises(OSError, match="certificate verify failed"):
            MailTarget.of(sink.url("mailtos", f"{sinks.QUOTED}@")).send(MESSAGE, 5)
        assert sink.taken == []


# programs


@pytest.fixture
def practice(clinic: Clinic) -> Clinic:
    return programs.two_tables(clinic)


def tell(clinic: Clinic, option: str, **variables: str) -> programs.Done:
    environ = {**programs.environment(clinic), **variables}
    done = programs.start("notify.py", option, environ=environ, cwd=clinic.home.parent)
    assert "Traceback" not in done.err
    return done


def test_everybody_is_tried_and_who_does_not_take_it_is_named(practice: Clinic) -> None:
    with sinks.mail() as mail, sinks.web() as chat, sinks.web() as monitor:
        variables = {
            "ETL_NOTIFY_URLS": f"{mail.url()} json://127.0.0.1:{chat.port}/hook",
            "ETL_HEARTBEAT_URL": f"http://127.0.0.1:{monitor.port}/uuid",
        }
        done = tell(practice, "--test", **variables)
        assert (done.code, done.err) == (0, "")
        assert len(done.out.splitlines()) == 3
        assert [one["Subject"] for one in mail.taken] == ["OpenDental: a test"]
        assert json.loads(chat.taken[0][2])["title"] == mail.taken[0]["Subject"]
        assert monitor.taken == [("POST", "/uuid/log", "a test of opendental")]
        chat.code, mail.refused = 403, "554 no"
        done = tell(practice, "--test", **variables)
        assert done.code == 1
        told = done.err.splitlines()
        assert told == [
            f"not told: {mail_name(mail)}: it answered 554",
            f"not told: json://127.0.0.1:{chat.port}/hook: it answered 403",
        ]


def mail_name(mail: sinks.Mail) -> str:
    return f"mail by localhost:{mail.port} to it@clinic.example, boss@clinic.example"


def test_without_anybody_to_tell_or_with_a_wrong_address_nothing_is_done(practice: Clinic) -> None:
    done = tell(practice, "--check")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("nobody is told anything: set ETL_NOTIFY_URLS")
    done = tell(practice, "--check", ETL_NOTIFY_URLS="mailto://etl:hunter2@h.example?to=a@b.c")
    assert (done.code, done.out) == (2, "")
    assert "number 1 of 1 (mailto://…) would send its password in the clear" in done.err
    done = tell(practice, "--test", ETL_HEARTBEAT_URL="ftp://hunter2.example")
    assert (done.code, done.out) == (2, "")
    assert "ETL_HEARTBEAT_URL must be a URL that begins with https://" in done.err


def test_a_night_that_never_began_is_told_once_and_that_it_came_once(practice: Clinic) -> None:
    assert programs.nightly(practice).code == 0
    with sinks.mail() as mail:
        to = {"ETL_NOTIFY_URLS": mail.url()}
        assert tell(practice, "--check", **to).code == 0
        assert mail.taken == []
        set_back(practice, 2)
        for _ in range(2):
            done = tell(practice, "--check", **to)
            assert (done.code, done.err) == (1, "")
        (first,) = mail.taken
        assert first["Subject"].endswith("a run is overdue; 2 tables stale")
        assert "  run: nightly.py" in first.get_content()
        assert programs.nightly(practice).code == 0
        assert tell(practice, "--check", **to).code == 0
        assert tell(practice, "--check", **to).code == 0
        assert [one["Subject"].split(": ", 1)[1] for one in mail.taken[1:]] == [
            "recovered: all well"
        ]
        assert "secret" not in "".join(one.get_content() for one in mail.taken)


def test_where_nobody_can_say_how_it_stands_that_is_told(practice: Clinic) -> None:
    with sinks.mail() as mail:
        to = {"ETL_NOTIFY_URLS": mail.url(), "POSTGRES_ANALYTICS_PORT": "1"}
        done = tell(practice, "--check", **to)
        assert done.code == 2
        assert "Connection refused" in done.err
        (taken,) = mail.taken
        assert "run: test_connections.py" in taken.get_content()
