"""A block of one table's rows in the making: each column is made when it is first asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random

from demo.shape import Column, Table

# The values of one column, written as LOAD DATA reads them.
Cells = Sequence[str]
Maker = Callable[["Block", Column], Cells]

NULL = "\\N"
NO_DATE = "0001-01-01"
ZERO_DATE = "0000-00-00"
YEARS = 6

# Tables whose rows are the parts of another table's rows: by which column, and of which table.
PARTS = {
    "apptfield": ("AptNum", "appointment"),
    "benefit": ("PlanNum", "insplan"),
    "claimtracking": ("ClaimNum", "claim"),
    "emailattach": ("EmailMessageNum", "emailmessage"),
    "eobattach": ("ClaimPaymentNum", "claimpayment"),
    "histappointment": ("AptNum", "appointment"),
    "insbluebooklog": ("ClaimProcNum", "claimproc"),
    "inssub": ("PlanNum", "insplan"),
    "insverifyhist": ("InsVerifyNum", "insverify"),
    "paysplit": ("PayNum", "payment"),
    "periomeasure": ("PerioExamNum", "perioexam"),
    "procgroupitem": ("ProcNum", "procedurelog"),
    "procnote": ("ProcNum", "procedurelog"),
    "proctp": ("TreatPlanNum", "treatplan"),
    "scheduleop": ("ScheduleNum", "schedule"),
    "securityloghash": ("SecurityLogNum", "securitylog"),
    "sheetfield": ("SheetNum", "sheet"),
    "statementprod": ("StatementNum", "statement"),
    "stmtlink": ("StatementNum", "statement"),
    "taskancestor": ("TaskNum", "task"),
    "taskhist": ("TaskNum", "task"),
    "tasknote": ("TaskNum", "task"),
    "treatplanattach": ("TreatPlanNum", "treatplan"),
}

# Made first and in this order, since other rows must agree with them about the patient.
FIRST = (
    "patient",
    "document",
    "statement",
    "appointment",
    "treatplan",
    "procedurelog",
    "payment",
    "claim",
    "sheet",
    "perioexam",
)
# What is kept of those rows for the rows that come later.
KEPT = {f"{table}.PatNum" for table in FIRST} | {"procedurelog.ProcFee", "payment.PayAmt"}


@dataclass(frozen=True)
class Clinic:
    """What all tables of the clinic have in common while they are filled.

    Attributes:
        today: the clinic's date; nothing is entered on it or later.
        tables: by name.
        counts: how many rows each table gets; their keys are 1, 2, ….
        kept: the columns named in KEPT, as far as they are made.
    """

    today: date
    tables: Mapping[str, Table]
    counts: Mapping[str, int]
    kept: dict[str, list[str]] = field(default_factory=dict)
    _files: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @cached_property
    def days(self) -> tuple[str, ...]:
        """The days the clinic worked on in the last years, oldest first, as ISO dates."""
        past = (self.today - timedelta(days=ago) for ago in range(YEARS * 365, 0, -1))
        return tuple(day.isoformat() for day in past if day.weekday() < 6)

    def rows_of(self, table: str, patient: str) -> list[str]:
        """The keys of a patient's rows in one of the FIRST tables, once that is filled."""
        if table not in self._files:
            found: dict[str, list[str]] = {}
            for key, owner in enumerate(self.kept[f"{table}.PatNum"], 1):
                found.setdefault(owner, []).append(str(key))
            self._files[table] = found
        return self._files[table].get(patient, [])


@dataclass(frozen=True)
class Block:
    """Some consecutive rows of a table.

    The rows of a table lie in the order of time: the first row was entered years ago and the last
    one yesterday. That gives each row a position from 0 to 1, and a day.

    Attributes:
        clinic: what the tables have in common.
        table: whose rows these are.
        first: the key of the first one.
        size: how many there are.
        random: for this block alone, so that its rows do not depend on any other table's.
        maker: which function makes a column.
    """

    clinic: Clinic
    table: Table
    first: int
    size: int
    random: Random
    maker: Callable[[Table, Column], Maker]
    _made: dict[str, Cells] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Cells:
        """The values of a column, made now if nobody asked for it before."""
        if name not in self._made:
            column = self.table.column(name)
            self._made[name] = self.maker(self.table, column)(self, column)
        return self._made[name]

    @property
    def keys(self) -> range:
        """The rows' keys."""
        return range(self.first, self.first + self.size)

    @cached_property
    def parents(self) -> Sequence[int]:
        """The keys of the rows that these are parts of, spread evenly; without any, 0."""
        _column, parent = PARTS[self.table.name]
        many, few = self.clinic.counts[self.table.name], self.clinic.counts[parent]
        return [1 + (key - 1) * few // many for key in self.keys] if few else [0] * self.size

    @cached_property
    def positions(self) -> Sequence[float]:
        """Where each row lies in time; a part lies where its whole does."""
        if self.table.name in PARTS and self.parents[0]:
            count = self.clinic.counts[PARTS[self.table.name][1]]
            return [(key - 0.5) / count for key in self.parents]
        count = self.clinic.counts[self.table.name]
        return [(key - 0.5) / count for key in self.keys]

    @cached_property
    def days(self) -> Sequence[int]:
        """Each row's day, as an index of the clinic's days."""
        count = len(self.clinic.days)
        return [int(position * count) for position in self.positions]

    @cached_property
    def dates(self) -> Cells:
        """Each row's day, as an ISO date."""
        return [self.clinic.days[day] for day in self.days]

    def pick(self, values: Sequence[str]) -> list[str]:
        """One of some values for each row."""
        return self.random.choices(values, k=self.size)

    def some(self, share: float, values: Cells, others: str) -> list[str]:
        """Values for a share of the rows, from 0 to 1, and the same other value for the rest."""
        draw = self.random.random
        return [value if draw() < share else others for value in values]


def cell(text: str) -> str:
    """A text, written as LOAD DATA reads it."""
    text = text.replace("\\", "\\\\").replace("\t", "\\t")
    return text.replace("\n", "\\n").replace("\r", "\\r")
