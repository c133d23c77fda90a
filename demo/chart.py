"""The chart: appointments, and the procedures done, planned and priced."""

from datetime import date, timedelta

from demo.makers import by_key, on_the_day, one_of, same_as, where
from demo.rows import NO_DATE, Block, Cells, Maker, cell
from demo.shape import Column
from demo.vocabulary import PROCEDURES, procedure

SCHEDULED, COMPLETE, UNSCHEDULED, BROKEN = "1", "2", "3", "5"
# Days that appointments are made ahead.
AHEAD = 40


def _appointment_dates(block: Block) -> list[str]:
    """The last ones lie ahead."""
    today, days = block.clinic.today, block.clinic.days
    ahead = [(today + timedelta(days=day)).isoformat() for day in range(AHEAD)]
    calendar = [*days, *ahead]
    return [calendar[int(position * len(calendar))] for position in block.positions]


def _appointment_times(block: Block, _column: Column) -> Cells:
    slots = [f" {hour:02d}:{minute}0:00" for hour in range(8, 17) for minute in range(6)]
    return [
        day + slot for day, slot in zip(_appointment_dates(block), block.pick(slots), strict=True)
    ]


def _appointment_status(block: Block, _column: Column) -> Cells:
    today = block.clinic.today.isoformat()
    past = block.pick([COMPLETE] * 22 + [BROKEN] * 2 + [UNSCHEDULED])
    pairs = zip(block["AptDateTime"], past, strict=True)
    return [status if moment < today else SCHEDULED for moment, status in pairs]


def _minutes_later(minutes: str) -> Maker:
    """Some minutes after an appointment began, which is at a full ten minutes."""

    def make(block: Block, _column: Column) -> Cells:
        return [moment[:-4] + minutes for moment in block["AptDateTime"]]

    return make


def _due(block: Block, _column: Column) -> Cells:
    """Half a year after the last visit."""
    half_a_year = timedelta(days=182)
    return [(date.fromisoformat(day) + half_a_year).isoformat() for day in block.dates]


def _procedures(block: Block, _column: Column) -> Cells:
    names = [known.name for known in PROCEDURES]
    lists = [block.random.sample(names, 1 + number % 3) for number in range(90)]
    return block.pick([cell(", ".join(chosen)) for chosen in lists])


def _codes(block: Block, _column: Column) -> Cells:
    """The first codes are the most frequent ones."""
    count, draw = block.clinic.counts["procedurecode"], block.random.random
    return [str(1 + int(count * draw() ** 3)) for _ in block.keys]


def _fee(block: Block, _column: Column) -> Cells:
    return [f"{procedure(int(code)).fee / 100:.2f}" for code in block["CodeNum"]]


def _tooth(block: Block, _column: Column) -> Cells:
    teeth = [*map(str, range(1, 33)), "A", "T"]
    pairs = zip(block["CodeNum"], block.pick(teeth), strict=True)
    return ["" if procedure(int(code)).area == "mouth" else tooth for code, tooth in pairs]


def _surface(block: Block, _column: Column) -> Cells:
    pairs = zip(block["CodeNum"], block.pick(["O", "MO", "MOD", "DL", "B"]), strict=True)
    return [found if procedure(int(code)).area == "surface" else "" for code, found in pairs]


_no_time = f"{NO_DATE} 00:00:00"
MAKERS: dict[str, Maker] = {
    "appointment.AptDateTime": _appointment_times,
    "appointment.AptStatus": _appointment_status,
    "appointment.ProcDescript": _procedures,
    "appointment.DateTimeArrived": where("AptStatus", COMPLETE, _minutes_later("1:07"), _no_time),
    "appointment.DateTimeSeated": where("AptStatus", COMPLETE, _minutes_later("4:40"), _no_time),
    "appointment.DateTimeDismissed": where("AptStatus", COMPLETE, _minutes_later("9:52"), _no_time),
    "histappointment.AptDateTime": _appointment_times,
    "recall.DateDueCalc": _due,
    "recall.DateDue": same_as("DateDueCalc"),
    "procedurecode.ProcCode": by_key(lambda key: procedure(key).code),
    "procedurecode.Descript": by_key(lambda key: procedure(key).name),
    "procedurecode.AbbrDesc": by_key(lambda key: procedure(key).name[:10]),
    "procedurelog.CodeNum": _codes,
    "procedurelog.ProcFee": _fee,
    # Completed, treatment planned, existing, referred, deleted.
    "procedurelog.ProcStatus": one_of("2 2 2 2 2 2 2 1 1 3 4 5 6"),
    "procedurelog.ProcDate": on_the_day,
    "procedurelog.DateTP": on_the_day,
    "procedurelog.DateEntryC": where("ProcStatus", "2", on_the_day, NO_DATE),
    "procedurelog.DateComplete": where("ProcStatus", "2", on_the_day, NO_DATE),
    "procedurelog.ToothNum": _tooth,
    "procedurelog.Surf": _surface,
    "procedurelog.UnitQty": one_of("1"),
}
