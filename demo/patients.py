"""The patients: families that share a name and a home, with what they owe."""

from demo import people
from demo.makers import always, by_key, one_of, same_as
from demo.people import guarantor, home
from demo.rows import NO_DATE, Block, Cells, Maker, cell
from demo.shape import Column
from demo.values import amounts


def _birthdate(block: Block, _column: Column) -> Cells:
    """Guarantors are grown up, the others of any age."""
    this_year, pick = block.clinic.today.year, block.random.randrange
    found = []
    for key in block.keys:
        age = pick(20, 92) if guarantor(key) == key else pick(1, 75)
        found.append(f"{this_year - age}-{pick(1, 13):02d}-{pick(1, 29):02d}")
    return block.some(0.98, found, NO_DATE)


def _ssn(block: Block, _column: Column) -> Cells:
    # Numbers from 900 on are given to nobody.
    found = [f"9{block.random.randrange(10**8):08d}" for _ in block.keys]
    return block.some(0.7, found, "")


def _owed(share: float) -> Maker:
    def make(block: Block, _column: Column) -> Cells:
        return block.some(share, amounts(block, 500, 120_000), "0")

    return make


def _total(block: Block, _column: Column) -> Cells:
    parts = [block[name] for name in ("Bal_0_30", "Bal_31_60", "Bal_61_90", "BalOver90")]
    # Added as doubles, the way OpenDental does: the sums carry their noise.
    return [str(sum(map(float, owed))) for owed in zip(*parts, strict=True)]


def _email(block: Block, _column: Column) -> Cells:
    return block.some(0.6, [people.email(key, guarantor(key)) for key in block.keys], "")


def _employer(block: Block, _column: Column) -> Cells:
    return block.some(0.3, [cell(f"Works at {people.last_name(key)}'s") for key in block.keys], "")


MAKERS: dict[str, Maker] = {
    f"patient.{column}": maker
    for column, maker in {
        "LName": by_key(lambda key: people.last_name(guarantor(key))),
        "FName": by_key(people.first_name),
        "MiddleI": one_of(["", "", "J", "M", "Á", "R."]),
        "Preferred": one_of(["", "", "", "", "Bob", 'Zoë "Z"', "Ann\\Marie"]),
        "PatStatus": one_of("0 0 0 0 0 0 0 0 2 2 1 3 4 5"),
        "Gender": one_of("0 1 0 1 0 1 0 1 2"),
        "Position": one_of("0 1 1 2"),
        "Birthdate": _birthdate,
        "SSN": _ssn,
        "Address": by_key(lambda key: home(guarantor(key)).address),
        "City": by_key(lambda key: home(guarantor(key)).city),
        "State": by_key(lambda key: home(guarantor(key)).state),
        "Zip": by_key(lambda key: home(guarantor(key)).zip),
        "HmPhone": by_key(lambda key: home(guarantor(key)).phone),
        "WirelessPhone": by_key(people.phone),
        "Email": _email,
        "Guarantor": by_key(lambda key: str(guarantor(key))),
        "ChartNumber": by_key(lambda key: f"C{key:05d}"),
        "EmploymentNote": _employer,
        "Bal_0_30": _owed(0.2),
        "Bal_31_60": _owed(0.1),
        "Bal_61_90": _owed(0.05),
        "BalOver90": _owed(0.08),
        "BalTotal": _total,
        "EstBalance": same_as("BalTotal"),
        "SecProv": always("0"),
        "HasIns": one_of(["", "I", "I"]),
        "StudentStatus": one_of(["", "", "N", "F"]),
        "Country": one_of(["", "", "US", "México"]),
        "Language": one_of(["", "", "", "spa", "français"]),
    }.items()
}
