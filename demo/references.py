"""Columns that name a row of another table: which table it is, and which row."""

import re
from collections.abc import Mapping

from demo.rows import FIRST, PARTS, Block, Cells
from demo.shape import Column, Table
from demo.vocabulary import CATEGORY_OF, definition

# Where neither the column's name nor a part of it is the name of a table's key.
ALIASES = {
    "AllowedFeeSched": "feesched",
    "ApptNum": "appointment",
    "Assistant": "employee",
    "ClaimForm": "claimform",
    "ClearingHouseNum": "clearinghouse",
    "CopayFeeSched": "feesched",
    "FeeSched": "feesched",
    "FilingCode": "insfilingcode",
    "InsPlan1": "insplan",
    "Op": "operatory",
    "OpNum": "operatory",
    "PriProv": "provider",
    "ProvBill": "provider",
    "ProvDentist": "provider",
    "ProvHyg": "provider",
    "ProvHygienist": "provider",
    "ProvTreat": "provider",
    "ReferringProv": "referral",
    "ReportsTo": "employee",
    "Subscriber": "patient",
    "TaskListInBox": "tasklist",
    "inseditlog.FKey": "insplan",
    "inseditlog.ParentKey": "insplan",
    "insverify.FKey": "patplan",
    "insverifyhist.FKey": "patplan",
    "statementprod.FKey": "procedurelog",
    "stmtlink.FKey": "procedurelog",
    "entrylog.FKey": "patient",
    "task.KeyNum": "patient",
    "taskhist.KeyNum": "patient",
}
# Parts of the names of columns that hardly ever name a row.
RARE = re.compile(
    "2|Override|Orig|Planned|Ordering|Locked|Error|CEMT|Archive|Deposit|Discount|PayPlan|Program"
    "|Referral|Late"
)


def keys(tables: Mapping[str, Table]) -> dict[str, str]:
    """The table of each key's name, where it tells one."""
    found = {table.key: table.name for table in tables.values()}
    # Three more tables have the patient's key as theirs.
    return found | {"PatNum": "patient", "WikiPageNum": "wikipage"}


def target(table: Table, column: Column, keys: Mapping[str, str]) -> str | None:
    """The table whose rows a column names, None if it names none.

    Args:
        table: that has the column.
        column: of it.
        keys: what `keys` found.
    """
    if column.base != "bigint" or column.meaning:
        return None
    alias = ALIASES.get(f"{table.name}.{column.name}") or ALIASES.get(column.name)
    if alias or column.name in CATEGORY_OF:
        return alias or "definition"
    inside = [key for key in keys if key in column.name]
    return keys[max(inside, key=len)] if inside else None


def make(block: Block, column: Column, table: str) -> Cells:
    """Name rows of a table: those of the same patient and about the same time, where that is known.

    Args:
        block: of rows that name.
        column: that names.
        table: whose rows are named.
    """
    count = block.clinic.counts[table]
    part = PARTS.get(block.table.name)
    if not count or table == block.table.name:
        return ["0"] * block.size
    if part and part[0] == column.name:
        return list(map(str, block.parents))
    if column.name == "PatNum":
        return _patients(block)
    if table == "definition":
        return block.pick(_definitions(column, count))
    if f"{table}.PatNum" in block.clinic.kept and block.table.has("PatNum"):
        found = _own(block, table)
    else:
        choices = block.random.choices(range(1, count + 1), k=block.size)
        found = list(map(str, choices))
    return block.some(0.03, found, "0") if RARE.search(column.name) else found


def _patients(block: Block) -> Cells:
    """Each row's patient: the one of the row it is a part of, else one who was here by then."""
    _column, parent = PARTS.get(block.table.name, ("", ""))
    if parent in FIRST and block.clinic.counts[parent]:
        kept = block.clinic.kept[f"{parent}.PatNum"]
        return [kept[key - 1] for key in block.parents]
    count, draw = block.clinic.counts["patient"], block.random.random
    return [str(1 + int(count * (0.3 + 0.7 * position) * draw())) for position in block.positions]


def _own(block: Block, table: str) -> list[str]:
    """The row of a table that each row's patient had about then, 0 if there is none."""
    rows_of, named = block.clinic.rows_of, []
    for patient, position in zip(block["PatNum"], block.positions, strict=True):
        rows = rows_of(table, patient)
        named.append(rows[int(position * len(rows))] if rows else "0")
    return named


def _definitions(column: Column, count: int) -> list[str]:
    category = CATEGORY_OF.get(column.name)
    fitting = [n for n in range(1, count + 1) if category in (None, definition(n)[0])]
    return [str(n) for n in fitting] or ["0"]
