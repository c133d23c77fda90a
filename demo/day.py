"""A day in the clinic: rows are entered, edited in place, and deleted without a trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

import sqlalchemy as sa

from demo import people
from demo.journal import Journal, Keys
from demo.vocabulary import procedure

NOW, TODAY = sa.func.now(), sa.func.curdate()
# Kinds of events in the log.
APPOINTMENT_CREATED, PAYMENT_CREATED = 25, 15
ABOUT_APPOINTMENTS = "PermType IN (25, 26, 27)"


@dataclass(frozen=True)
class Day:
    """What changed during a day, in numbers of rows by table.

    A row counts once and for its net change: one that was edited twice is one edit, one that was
    entered and edited is an insert.
    """

    inserted: Mapping[str, int]
    edited: Mapping[str, int]
    deleted: Mapping[str, int]

    @property
    def inserted_rows(self) -> int:
        """Of all tables."""
        return sum(self.inserted.values())

    @property
    def edited_rows(self) -> int:
        """Of all tables."""
        return sum(self.edited.values())

    @property
    def deleted_rows(self) -> int:
        """Of all tables."""
        return sum(self.deleted.values())


def live_a_day(engine: sa.Engine, *, seed: int = 1) -> Day:
    """Let the clinic work for a day, as its workstations would.

    Args:
        engine: of a filled clinic.
        seed: decides which rows change and to what. The times are the server's.

    Returns:
        What changed.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        # OpenDental's servers have no mode; the session may have one.
        connection.execute(sa.text("SET sql_mode = ''"))
        # With the log's end in it, the same seed brings another day each time.
        last = connection.execute(sa.text("SELECT MAX(SecurityLogNum) FROM securitylog")).scalar()
        journal = Journal(connection, Random(f"{seed} {last}"))
        _clean_up(journal)
        _edit_settings(journal)
        _see_patients(journal)
        _take_payments(journal)
        _age_balances(journal)
        return _summary(journal)


def _clean_up(journal: Journal) -> None:
    """What goes: cancelled appointments, wrong splits, done tasks, old signals and old log."""
    appointments = journal.choose("appointment", 3)
    journal.delete("appointment", appointments)
    journal.forget("procedurelog", "AptNum", appointments)
    journal.forget("securitylog", "FKey", appointments, ABOUT_APPOINTMENTS)
    tasks = journal.choose("task", 3)
    journal.delete("task", tasks)
    journal.delete_parts("tasknote", "TaskNum", tasks)
    journal.delete_parts("taskancestor", "TaskNum", tasks)
    schedules = journal.choose("schedule", 4)
    journal.delete("schedule", schedules)
    journal.delete_parts("scheduleop", "ScheduleNum", schedules)
    for table in ("paysplit", "adjustment", "commlog", "document", "recall"):
        journal.delete(table, journal.choose(table, 3))
    journal.delete("signalod", journal.find("signalod", "SigDateTime < NOW() - INTERVAL 2 DAY"))
    old = journal.find("securitylog", limit=5)
    journal.delete("securitylog", old)
    journal.delete_parts("securityloghash", "SecurityLogNum", old)


def _edit_settings(journal: Journal) -> None:
    """What is edited in place, in tables that have no timestamp to tell."""
    fixed = "'DataBaseVersion', 'ProgramVersion', 'UpdateInProgressOnComputerName'"
    preferences = journal.choose("preference", 3, f"PrefName NOT IN ({fixed})")
    journal.edit("preference", preferences, ValueString=_word(journal))
    journal.edit("definition", journal.choose("definition", 2), ItemName=_word(journal))
    journal.edit("userod", journal.choose("userod", 2), Password=_word(journal))
    journal.edit("sheetfield", journal.choose("sheetfield", 6), FieldValue=_word(journal))


def _see_patients(journal: Journal) -> None:
    """New patients and those who move house; appointments made, moved and kept."""
    for _patient in range(3):
        _welcome(journal)
    for moving in journal.choose("patient", 3):
        number = journal.random.randrange(10_000, 99_999)
        journal.edit("patient", [moving], Address=f"{number} New St", Address2=_word(journal))
    later = sa.text("AptDateTime + INTERVAL 7 DAY")
    for moved in journal.choose("appointment", 5):
        journal.edit("appointment", [moved], AptDateTime=later)
        journal.insert("histappointment", AptNum=moved, HistApptAction=1, HistDateTStamp=NOW)
    for patient in journal.choose("patient", 8):
        _make_appointment(journal, patient)
        journal.insert(
            "commlog", PatNum=patient, CommDateTime=NOW, DateTEntry=NOW, Note=_note(journal)
        )
    done = journal.choose("procedurelog", 12, "ProcStatus = 1")
    journal.edit("procedurelog", done, ProcStatus=2, ProcDate=TODAY, DateComplete=TODAY)
    journal.insert("signalod", SigDateTime=NOW, FKeyType="Appointment")


def _welcome(journal: Journal) -> None:
    number = journal.random.randrange(100_000)
    home = people.home(number)
    patient = journal.insert(
        "patient",
        LName=people.last_name(number),
        FName=people.first_name(number),
        Birthdate=f"{1940 + number % 70}-06-15",
        Address=home.address,
        City=home.city,
        State=home.state,
        Zip=home.zip,
        HmPhone=home.phone,
        SecDateEntry=TODAY,
    )
    # Known only after the insert: who is alone pays for oneself.
    journal.edit("patient", [patient], Guarantor=patient)
    journal.insert("patientnote", PatNum=patient, SecDateTEntry=NOW)


def _make_appointment(journal: Journal, patient: int) -> None:
    soon = sa.text(f"NOW() + INTERVAL {journal.random.randrange(1, 60)} DAY")
    appointment = journal.insert(
        "appointment",
        PatNum=patient,
        AptStatus=1,
        Pattern="//XXXX//",
        Note=_note(journal),
        AptDateTime=soon,
        SecDateTEntry=NOW,
    )
    for _procedure in range(2):
        code = journal.random.choice(journal.find("procedurecode"))
        journal.insert(
            "procedurelog",
            PatNum=patient,
            AptNum=appointment,
            CodeNum=code,
            ProcFee=procedure(code).fee / 100,
            ProcStatus=1,
            ProcDate=TODAY,
            DateTP=TODAY,
            SecDateEntry=NOW,
        )
    _log(journal, APPOINTMENT_CREATED, patient, appointment)


def _take_payments(journal: Journal) -> None:
    """Payments at the desk, each split; and sent claims that are paid."""
    for patient in journal.choose("patient", 6):
        cents = [journal.random.randrange(1_000, 40_000) for _split in range(3)]
        payment = journal.insert(
            "payment", PatNum=patient, PayAmt=sum(cents) / 100, PayDate=TODAY, DateEntry=TODAY
        )
        for part in cents:
            journal.insert(
                "paysplit",
                PatNum=patient,
                PayNum=payment,
                SplitAmt=part / 100,
                DatePay=TODAY,
                DateEntry=TODAY,
            )
        journal.edit("patient", [patient], **_less_owed(sum(cents) / 100))
        _log(journal, PAYMENT_CREATED, patient, payment)
    paid = journal.choose("claim", 3, "ClaimStatus = 'S'")
    journal.edit("claim", paid, ClaimStatus="R", DateReceived=TODAY)


def _less_owed(amount: float) -> dict[str, sa.ColumnElement[float]]:
    return {name: sa.column(name, sa.Double) - amount for name in ("Bal_0_30", "BalTotal")}


def _age_balances(journal: Journal) -> None:
    """What each family owes: the table is emptied and filled again."""
    before = _balances(journal)
    journal.connection.execute(sa.text("TRUNCATE famaging"))
    key, *parts = (column.name for column in journal.tables["famaging"].columns)
    sums = ", ".join(f"SUM({part})" for part in parts)
    journal.connection.execute(
        sa.text(
            f"INSERT INTO famaging ({key}, {', '.join(parts)}) SELECT Guarantor, {sums} "
            "FROM patient GROUP BY Guarantor HAVING SUM(BalTotal) <> 0 ORDER BY Guarantor"
        )
    )
    after = _balances(journal)
    journal.inserted["famaging"].update(after.keys() - before.keys())
    journal.deleted["famaging"].update(before.keys() - after.keys())
    both = after.keys() & before.keys()
    journal.edited["famaging"].update(key for key in both if before[key] != after[key])


def _balances(journal: Journal) -> dict[int, tuple[float, ...]]:
    rows = journal.connection.execute(sa.text("SELECT * FROM famaging"))
    return {row[0]: tuple(row[1:]) for row in rows}


def _log(journal: Journal, event: int, patient: int, row: int) -> None:
    entry = journal.insert(
        "securitylog", PermType=event, PatNum=patient, FKey=row, LogDateTime=NOW, LogText="Created"
    )
    journal.insert("securityloghash", SecurityLogNum=entry, LogHash=_word(journal))


def _word(journal: Journal) -> str:
    """A word that was not there before."""
    return f"é{journal.random.getrandbits(64):016x}"


def _note(journal: Journal) -> str:
    return f'Called by {people.first_name(journal.random.randrange(999))}.\r\n"See you then."'


def _summary(journal: Journal) -> Day:
    inserted, edited, deleted = journal.inserted, journal.edited, journal.deleted
    for table in inserted.keys() | edited.keys() | deleted.keys():
        brief = inserted[table] & deleted[table]
        inserted[table] -= brief
        deleted[table] -= brief
        edited[table] -= inserted[table] | deleted[table] | brief
    return Day(*map(_counts, (inserted, edited, deleted)))


def _counts(keys: Keys) -> Mapping[str, int]:
    found = {table: len(rows) for table, rows in sorted(keys.items()) if rows}
    return MappingProxyType(found)
