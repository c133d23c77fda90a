"""The office: its settings and people, their hours, and the log of what everybody did."""

from datetime import timedelta

from demo import people
from demo.makers import always, by_key, on_the_day, one_of, same_as
from demo.rows import NO_DATE, ZERO_DATE, Block, Cells, Maker, cell
from demo.shape import Column
from demo.values import at_times
from demo.vocabulary import PREFERENCES, definition

# What the log writes down: the kind of event, the table whose row it is about, and the words.
EVENTS = {
    "25": ("appointment", "Appointment created"),
    "26": ("appointment", "Appointment moved from 10:20 AM to 2:40 PM"),
    "27": ("appointment", "Appointment edited:\r\nConfirmed, was Unconfirmed"),
    "23": ("procedurelog", "Procedure completed"),
    "10": ("procedurelog", 'Procedure edited, note was "none"'),
    "15": ("payment", "Payment created"),
    "16": ("payment", "Payment edited, $100.00 to $120.50"),
    "14": ("claim", "Sent claim edited"),
    "44": ("document", "Document C:\\Images\\scan.jpg imported"),
    "2": ("", "Family module"),
    "22": ("", "Report: Daily, Producción"),
}
FORGOTTEN = 0.06  # share of the log's rows whose row was deleted since


def _event_rows(block: Block, _column: Column) -> Cells:
    """The row an event was about; 0 if there is none, or none any more."""
    rows_of, found = block.clinic.rows_of, []
    events = zip(block["PermType"], block["PatNum"], block.positions, strict=True)
    for event, patient, position in events:
        table, _words = EVENTS[event]
        rows = rows_of(table, patient) if table else []
        found.append(rows[int(position * len(rows))] if rows else "0")
    return block.some(1 - FORGOTTEN, found, "0")


def _event_words(block: Block, _column: Column) -> Cells:
    words = {event: cell(words) for event, (_table, words) in EVENTS.items()}
    pairs = zip(block["PermType"], block["PatNum"], strict=True)
    return [f"{words[event]}, patient {patient}" for event, patient in pairs]


def _preference(place: int) -> Maker:
    """A preference's name or value."""

    def of(key: int) -> str:
        known = (f"DemoOption{key}", str(key % 3))
        return (PREFERENCES[key - 1] if key <= len(PREFERENCES) else known)[place]

    return by_key(of)


def _logged(zero: float) -> Maker:
    """When something happened, a share of it at an unknown time."""

    def make(block: Block, _column: Column) -> Cells:
        return block.some(1 - zero, at_times(block, block.dates), f"{ZERO_DATE} 00:00:00")

    return make


def _lately(block: Block, _column: Column) -> Cells:
    """Signals are kept for two days."""
    days = [(block.clinic.today - timedelta(days=ago)).isoformat() for ago in (2, 1)]
    return at_times(block, [days[int(position * 2)] for position in block.positions])


def _morning(block: Block, _column: Column) -> Cells:
    times = block.pick([f" 07:{minute:02d}:11" for minute in range(40, 60)])
    return [day + time for day, time in zip(block.dates, times, strict=True)]


def _evening(block: Block, _column: Column) -> Cells:
    times = block.pick([f" 1{hour}:{minute:02d}:47" for hour in "678" for minute in range(60)])
    return [day + time for day, time in zip(block.dates, times, strict=True)]


def _person(table: str) -> dict[str, Maker]:
    return {
        f"{table}.LName": by_key(lambda key: people.last_name(key + 7)),
        f"{table}.FName": by_key(lambda key: people.first_name(key + 7)),
    }


MAKERS: dict[str, Maker] = {
    **_person("provider"),
    **_person("employee"),
    "provider.Abbr": by_key(lambda key: f"{people.last_name(key + 7)[:3].upper()}{key}"),
    "userod.UserName": by_key(lambda key: f"{people.first_name(key + 7)}{key}"),
    "operatory.OpName": by_key(lambda key: f"Room {key}"),
    "operatory.Abbrev": by_key(lambda key: f"R{key}"),
    "definition.Category": by_key(lambda key: str(definition(key)[0])),
    "definition.ItemName": by_key(lambda key: definition(key)[1]),
    "definition.ItemValue": one_of(["", "", "", "+", "Ins", "#7"]),
    "preference.PrefName": _preference(0),
    "preference.ValueString": _preference(1),
    "schedule.SchedDate": on_the_day,
    "schedule.StartTime": one_of("07:00:00 08:00:00 08:00:00 13:00:00"),
    "schedule.StopTime": one_of("12:00:00 17:00:00 17:30:00 19:00:00"),
    "clockevent.TimeEntered1": _morning,
    "clockevent.TimeDisplayed1": same_as("TimeEntered1"),
    "clockevent.TimeEntered2": _evening,
    "clockevent.TimeDisplayed2": same_as("TimeEntered2"),
    "timeadjust.TimeEntry": _evening,
    "signalod.SigDateTime": _lately,
    "signalod.DateViewing": always(NO_DATE),
    "commlog.CommDateTime": _logged(0.01),
    "securitylog.LogDateTime": _logged(0.001),
    "securitylog.PermType": one_of(" ".join(EVENTS)),
    "securitylog.FKey": _event_rows,
    "securitylog.LogText": _event_words,
}
