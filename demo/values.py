"""Numbers, dates and times of a clinic, chosen by what a column means and by its type."""

import re
from collections.abc import Sequence
from datetime import timedelta

from demo.rows import NO_DATE, NULL, ZERO_DATE, Block, Cells
from demo.shape import Column

# By a column's meaning: values in the proportion they occur in. The durations are payroll's, which
# keeps negative spans in TIME columns, and spans beyond a day; the ticks run from 0 to three days.
MEANINGS = {
    "bool": "0 0 0 0 0 0 0 1",
    "yn": "0 0 1 2",
    "enum": "0 0 0 0 0 0 1 1 1 2 2 3 4",
    "color": "-16777216 -1 -65536 -16711936 -8355712 0 -5192482",
    "duration": "00:00:00 00:00:00 08:15:00 07:42:31 -00:30:00 -38:45:00 26:30:00 80:00:00",
    "ticks": "0 36000000000 72000000000 864000000000 2592000000000",
}
# Sums of money that a clinic leaves at 0.
UNUSED = re.compile("Canad|Ortho|Discount|Tax|Merchant|Share|PayPlan|OldValue")
# Dates of what hardly ever happens.
SELDOM = re.compile("Deceased|Term|Expire|Error|Fail|Orig|Other|Accident|Canad|Prior|Illness|Ortho")
# An upgrade stamps a whole table with one second.
UPGRADE_DAYS_AGO, UPGRADE_TIME, UPGRADE_SHARE = 140, "05:12:09", 0.1


def make(block: Block, column: Column) -> Cells:
    """Values for a column of numbers, dates or times that has no maker of its own."""
    if column.meaning in MEANINGS:
        return block.pick(MEANINGS[column.meaning].split())
    if column.base in ("date", "datetime", "timestamp"):
        return _moments(block, column)
    if column.base == "time":
        clock = [f"{hour:02d}:{minute:02d}:00" for hour in range(7, 19) for minute in (0, 20, 40)]
        return block.some(0.5, block.pick(clock), NULL if column.nullable else "00:00:00")
    if column.base in ("double", "float"):
        return _amounts(block, column)
    return _numbers(block, column)


def amounts(block: Block, low: int, high: int) -> list[str]:
    """Money between two sums in cents, small sums more often than large ones."""
    draw = block.random.random
    return [f"{(low + int((high - low) * draw() ** 3)) / 100:.2f}" for _ in range(block.size)]


def at_times(block: Block, dates: Sequence[str]) -> list[str]:
    """Dates with a time of the clinic's day; the clinic sleeps while clocks are put forward."""
    draw = block.random.random
    clock = [
        f" {7 + int(12 * draw()):02d}:{int(60 * draw()):02d}:{int(60 * draw()):02d}"
        for _ in range(min(block.size, 2_000))
    ]
    return [date + time for date, time in zip(dates, block.pick(clock), strict=True)]


def blank(column: Column) -> str:
    """What a column of dates holds where there is none."""
    if column.default == "NULL":
        return NULL
    midnight = " 00:00:00" if column.base == "datetime" else ""
    return (ZERO_DATE if column.default.startswith("'0000") else NO_DATE) + midnight


def _moments(block: Block, column: Column) -> Cells:
    if column.extra:
        return _stamps(block)
    if "irth" in column.name:
        return _birthdates(block)
    filled = at_times(block, block.dates) if column.base == "datetime" else block.dates
    if column.meaning == "entered":
        return filled
    if not column.default:
        zero = blank(column).replace(NO_DATE, ZERO_DATE)
        return block.some(0.9, block.some(0.6, filled, blank(column)), zero)
    usual = 0.97 if column.default.startswith("'0000") else 0.6
    return block.some(0.02 if SELDOM.search(column.name) else usual, filled, blank(column))


def _stamps(block: Block) -> Cells:
    """When rows were last edited: some time after they were entered, or by an upgrade."""
    draw, days = block.random.random, block.clinic.days
    upgrade = (block.clinic.today - timedelta(days=UPGRADE_DAYS_AGO)).isoformat()
    last = len(days) - 1
    edited = [days[min(last, day + int(300 * draw() ** 8))] for day in block.days]
    return [
        f"{upgrade} {UPGRADE_TIME}" if moment < upgrade and draw() < UPGRADE_SHARE else moment
        for moment in at_times(block, edited)
    ]


def _birthdates(block: Block) -> Cells:
    today, pick = block.clinic.today, block.random.randrange
    pool = [(today - timedelta(days=pick(300, 34_000))).isoformat() for _ in range(400)]
    return block.some(0.97, block.pick(pool), NO_DATE)


def _amounts(block: Block, column: Column) -> Cells:
    if column.base == "float":
        return block.pick(["0", "0", "1", "8.25", "10", "0.5", "90", "612.75"])
    if column.default == "-1" or "Override" in column.name:
        return block.some(0.1, amounts(block, 0, 40_000), "-1")
    filled = 0.01 if UNUSED.search(column.name) else 0.6
    # What sums of cents look like in a double.
    noise = ["0.30000000000000004", "1234.5600000000001", "-0.009999999999990905"]
    found = block.some(0.99, amounts(block, 0, 250_000), block.random.choice(noise))
    return block.some(filled, found, "0")


def _numbers(block: Block, column: Column) -> Cells:
    if column.name.endswith("Order") and column.base != "tinyint":
        return [str(key - 1) for key in block.keys]
    if re.search("Pos$|pos$|Width|Height|Crop", column.name):
        return [str(int(900 * block.random.random())) for _ in range(block.size)]
    if column.name.startswith("Percent"):
        return block.pick(["-1", "0", "50", "80", "80", "100"])
    if column.base == "tinyint" or column.base == "bigint":
        return block.some(0.1, ["1"] * block.size, "0")
    return block.pick(["0", "0", "0", "-1" if column.default == "-1" else "0", *"123456789"])
