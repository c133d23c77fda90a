"""Names, families and addresses: who lives where follows from a number alone."""

from dataclasses import dataclass


def _words(text: str, separator: str = " ") -> tuple[str, ...]:
    return tuple(text.split(separator))


LAST = _words(
    "Smith Johnson García Müller Nguyễn O'Brien Nuñez Kowalski Łukasik D'Angelo Fernández Møller "
    "Çelik Peña Jönsson Brown Davis Wilson Martínez Anderson Taylor Thomas Hernández Moore Martin "
    "Jackson Thompson White López Lee González Harris Clark Lewis Robinson Walker Pérez Hall Young "
    "Allen Sánchez Wright King Scott Green Baker Adams Nelson Hill Ramírez Campbell Mitchell "
    "Roberts Carter Phillips Evans Turner Torres Parker Collins Edwards Stewart Flores Morris "
    "Nowak Murphy Rivera Cook Rogers Morgan Peterson Cooper Reed Bailey Bell Gómez Kelly Howard "
    "Ward Cox Díaz Richardson Wood Watson Brooks Bennett Gray James Reyes Cruz Hughes Price Myers "
    "Long Foster Sanders Ross Morales Powell Sullivan Russell Ortiz Jenkins Gutiérrez Perry"
)
FIRST = _words(
    "María James Zoë Robert Aña John Patricia Michael Jennifer David Linda William Elizabeth "
    "Richard Bárbara Joseph Susan Thomas Jessica Charles Sarah Christopher Karen Daniel Lisa "
    "Matthew Nancy Anthony Betty Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew Donna "
    "Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Edward Stephanie "
    "Ronald Rebecca Timothy Laura Jason Helen Jeffrey Sharon Ryan Cynthia Jacob Kathleen Gary Amy "
    "Nicholas Ángela Eric Shirley Jonathan Anna Stephen Ruth Larry Brenda Justin Pamela Scott "
    "Nicole Brandon Katherine Benjamin Samantha Samuel Christine Gregory Emma Frank Catherine "
    "André Virginia Raymond Rachel Patrick Janet Jack Carolyn Dennis Sørine"
)
STREETS = _words(
    "Oak St|Maple Ave|Cedar Ln|Elm St|Pine Rd|Walnut Dr|Lake Shore Blvd|Hillcrest Ct|Main St|"
    "2nd Ave N|Church St|Río Grande Way|St. Mary's Rd|Park Pl|Sunset Ter|County Road 12",
    "|",
)
TOWNS = tuple(
    tuple(town.split("|"))
    for town in (
        "Springfield|IL|62704",
        "Aurora|IL|60505-1123",
        "Naperville|IL|60540",
        "Joliet|IL|60431",
        "La Cañada|CA|91011",
        "Coeur d'Alene|ID|83814",
        "Madison|WI|53703",
        "Gary|IN|46402",
        "Dubuque|IA|52001",
    )
)
# Sizes of families, over and over; the first member is the guarantor.
FAMILIES = (1, 3, 2, 1, 4, 1, 2, 5, 1, 2, 3, 1)
HEADS = tuple(
    sum(FAMILIES[:number]) for number, size in enumerate(FAMILIES) for _member in range(size)
)


@dataclass(frozen=True)
class Home:
    """Where a family lives."""

    address: str
    city: str
    state: str
    zip: str
    phone: str


def guarantor(patient: int) -> int:
    """The key of the patient who pays for the family; families follow each other."""
    round_, place = divmod(patient - 1, len(HEADS))
    return round_ * len(HEADS) + HEADS[place] + 1


def last_name(family: int) -> str:
    """The family's name."""
    return LAST[_mix(family, 3) % len(LAST)]


def first_name(person: int) -> str:
    """A person's first name."""
    return FIRST[_mix(person, 5) % len(FIRST)]


def home(family: int) -> Home:
    """The family's home."""
    city, state, zip_code = TOWNS[_mix(family, 7) % len(TOWNS)]
    street = STREETS[_mix(family, 11) % len(STREETS)]
    number = 1 + _mix(family, 13) % 9_899
    return Home(f"{number} {street}", city, state, zip_code, phone(family))


def phone(number: int) -> str:
    """A telephone number, of the kind that nobody has."""
    return f"({300 + _mix(number, 17) % 600})555-{_mix(number, 19) % 10_000:04d}"


def email(person: int, family: int) -> str:
    """An address of mail, in a domain that nobody has."""
    name = f"{first_name(person)}.{last_name(family)}{person}".lower().replace("'", "")
    return f"{name.encode('ascii', 'ignore').decode()}@example.com"


def _mix(number: int, salt: int) -> int:
    """A number that looks unrelated to the one it comes from."""
    return ((number * 2_654_435_761 + salt * 40_503) & 0xFFFF_FFFF) >> 7
