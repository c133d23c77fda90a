"""The clinic's own words: definitions, preferences, procedures, and phrases for its notes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Procedure:
    """A procedure the clinic does.

    Attributes:
        code: that insurers know it by.
        name: in plain words.
        fee: in cents.
        area: `mouth`, `tooth` or `surface`: what of the patient it is about.
    """

    code: str
    name: str
    fee: int
    area: str


PROCEDURES = tuple(
    Procedure(code, name, int(fee) * 100, area)
    for code, name, fee, area in (
        line.split("|")
        for line in (
            "D0120|Periodic exam|58|mouth",
            "D1110|Cleaning, adult|104|mouth",
            "D0274|Four bitewings|72|mouth",
            "D2392|Filling, two surfaces|218|surface",
            "D2740|Crown|1275|tooth",
            "D0150|New patient exam|96|mouth",
            "D0140|Limited exam|82|mouth",
            "D0220|Periapical film|31|tooth",
            "D0330|Panoramic film|128|mouth",
            "D1120|Cleaning, child|76|mouth",
            "D1206|Fluoride varnish|44|mouth",
            "D1351|Sealant|58|tooth",
            "D2330|Filling, front, one surface|164|surface",
            "D2391|Filling, one surface|176|surface",
            "D2393|Filling, three surfaces|265|surface",
            "D2950|Core buildup|286|tooth",
            "D3310|Root canal, front|812|tooth",
            "D3330|Root canal, molar|1190|tooth",
            "D4341|Scaling, quadrant|262|mouth",
            "D4910|Periodontal maintenance|148|mouth",
            "D5110|Upper denture|1840|mouth",
            "D6010|Implant|2150|tooth",
            "D7140|Extraction|188|tooth",
            "D7210|Extraction, surgical|312|tooth",
            "D9110|Palliative care|118|mouth",
            "D9230|Nitrous oxide|74|mouth",
        )
    )
)


def procedure(number: int) -> Procedure:
    """The procedure with a key; beyond the known ones, the clinic's own."""
    if number <= len(PROCEDURES):
        return PROCEDURES[number - 1]
    return Procedure(
        f"N{number:04d}", f"Own procedure {number}", 2_500 + number * 3_700 % 120_000, "mouth"
    )


# Of each category of definitions: its names, and the columns whose values it defines.
CATEGORIES: dict[int, tuple[str, str]] = {
    1: ("Professional discount|Cash discount|Write-off|NSF fee|Refund", "AdjType"),
    2: ("Unconfirmed|Left message|Confirmed|E-mailed|Arrived", "Confirmed"),
    4: ("Standard account|No statement|Collections|Medicaid", "BillingType BillingTypeOne"),
    10: ("Check|Cash|Credit card|Care credit|EFT", "PayType"),
    11: ("Exams|Cleanings|Fillings|Crowns|Surgery", "ProcCat"),
    13: ("Mailed postcard|Left message|Texted|Do not call", "RecallStatus UnschedStatus"),
    16: ("Caries|Fractured|Missing|Watch", "Dx"),
    18: ("BWs|FMXs|Pano|Patient pictures|Letters", "DocCategory ImageCategory DefaultCat"),
    20: ("1|2|Recommended|Declined", "Priority"),
    23: ("Pharmacies|Labs|Referrals|Suppliers", "Category"),
    25: ("Lunch|Emergency|New patient|Crown", "BlockoutType"),
    27: ("Appointment related|Insurance|Financial|Recall|Miscellaneous", "CommType"),
    29: ("Prepayment|Treatment plan prepayment", "UnearnedType"),
    30: ("Good|Fair|Poor", "Prognosis"),
    31: ("Sent again|Called insurer|Appealed", "CustomTracking TrackingDefNum"),
    32: ("Check|EFT|Virtual card", "InsPayType"),
    33: ("Low|Medium|High \\ urgent", "PriorityDefNum TriageCategory"),
    35: ("General|Hygienist|Endodontics|Orthodontics", "Specialty"),
    38: ("Verified|Ineligible|Call back", "VerifyStatus"),
    40: ("Group A|Group B", "PayGroup"),
}
# Taken in turn, so that the first few cover as many categories as possible.
DEFINITIONS = tuple(
    (category, name)
    for _place, category, name in sorted(
        (place, category, name)
        for category, (names, _columns) in CATEGORIES.items()
        for place, name in enumerate(names.split("|"))
    )
)
CATEGORY_OF = {
    column: category
    for category, (_names, columns) in CATEGORIES.items()
    for column in columns.split()
}


def definition(number: int) -> tuple[int, str]:
    """Category and name of the definition with a key; the names repeat, numbered."""
    again, place = divmod(number - 1, len(DEFINITIONS))
    category, name = DEFINITIONS[place]
    return category, f"{name} {again + 1}" if again else name


PREFERENCES = (
    ("DataBaseVersion", "25.1.14.0"),
    ("UpdateInProgressOnComputerName", ""),
    ("ProgramVersion", "25.1.14.0"),
    ("PracticeTitle", 'Dr. O\'Brien & Associates, "Family Dentistry"'),
    ("PracticeAddress", "12 Oak St"),
    ("PracticeCity", "Springfield"),
    ("PracticePhone", "2175550100"),
    ("DocPath", "\\\\server\\OpenDentImages\\"),
    ("PracticeDefaultProv", "1"),
    ("PracticeDefaultBillType", "3"),
    ("AppointmentTimeIncrement", "10"),
    ("BillingExcludeBadAddresses", "1"),
    ("ClaimsSendWindow", "1"),
    ("AgingServiceTimeDue", "0001-01-01 00:00:00"),
    ("FinanceChargeAPR", "18"),
    ("LanguagesUsedByPatients", "eng,spa,español"),
    ("RecallDaysPast", "365"),
    ("RecallMessage", "Dear [NameF],\r\nyou are due for a cleaning.\r\nCall us!"),
    ("SecurityLockDate", ""),
    ("SignalInactiveMinutes", "5"),
    ("StatementShowNotes", "1"),
    ("TextingDefaultClinicNum", "0"),
    ("TimeCardsMakesAdjustmentsForOverBreaks", "0"),
    ("WebServiceServerName", ""),
)

SENTENCES = (
    "Pt called to confirm the appointment.",
    "LM on voice mail, will try again tomorrow.",
    'Pt said: "It\'s the lower left one, hurts with cold."',
    "Reviewed medical history, no changes.",
    "BP 128/82, pulse 71.",
    "2 carpules lido 2% w/ epi 1:100,000.",
    "Anesthesia\t1.8 ml\tIANB, long buccal",
    "Insurer pays 80% after the deductible; est. copay $43.60.",
    "Sent x-rays to C:\\Images\\outbox for the referral.",
    "Señora García prefers Spanish; su hija traduce.",
    "Dr. Müller saw the patient at 98.6°F, ½ tablet given.",
    "Shade A2 — façade looks fine, naïve margin noted.",
    "Post-op instructions given, pt tolerated the procedure well.",
    "NV: crown seat #14.",
    "Mother asked for an itemised statement, 50% paid.",
    "Moved from Tue to Thu because of work; #3 & #14 still open.",
    "Patient declined fluoride today",
    "Rx: amoxicillin 500 mg, 21 caps, sig: 1 t.i.d.",
)
PHRASES = (
    "Standard",
    "Family plan",
    "Blue Cross / Blue Shield",
    "Dr. Peña's list",
    'Lab "A-1"',
    "Follow-up",
    "Hygiene",
    "New patient",
    "Café Dental",
    "Recall 6 mo",
    "Preventive",
    "Crown & bridge",
    "X-ray",
    "HIPAA",
    "Left",
    "Archive",
)
WORDS = (
    "Undefined",
    "Active",
    "Pending",
    "Completed",
    "Cancelled",
    "Appointment",
    "Patient",
    "Web",
)
