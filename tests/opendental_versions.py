"""OpenDental's tables in earlier versions: the demo's are of 25.1, and each upgrade is known.

What a version brought is as OpenDental's own upgrades, which it publishes, say it: of all tables a
part, in which everything happens that upgrades do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from demo import shape

Version = tuple[int, int]

AT_WORK = frozenset(
    {
        *("adjustment", "appointment", "claim", "commlog", "definition", "document", "famaging"),
        *("histappointment", "patient", "patientnote", "payment", "paysplit", "preference"),
        *("procedurecode", "procedurelog", "recall", "schedule", "scheduleop", "securitylog"),
        *("securityloghash", "sheetfield", "signalod", "task", "taskancestor", "tasknote"),
        "userod",
    }
)
"""Tables that a day in the clinic changes."""


@dataclass(frozen=True)
class Upgrade:
    """What came with a version.

    Attributes:
        tables: which it made.
        columns: which it added, by table.
        former: how columns were defined before it, by table and their name since.
        dropped: tables that it dropped, as they were made.
    """

    version: Version
    tables: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    former: dict[tuple[str, str], str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)


UPGRADES = (
    Upgrade(
        (21, 2),
        tables=("cloudaddress", "etrans835", "orthochartrow", "treatplanparam"),
        columns={"paysplit": ("PayPlanDebitType",), "procedurecode": ("AreaAlsoToothRange",)},
    ),
    Upgrade((21, 3), tables=("imagedraw",), columns={"patientnote": ("UserNumOrthoLocked",)}),
    Upgrade(
        (21, 4),
        tables=("apikey", "taskattachment"),
        columns={"patient": ("SecurityHash",), "paysplit": ("SecurityHash",)},
    ),
    Upgrade((22, 1), columns={"payment": ("IsCcCompleted",)}),
    Upgrade(
        (22, 2),
        tables=("orthohardware", "orthorx"),
        columns={
            "patientnote": ("Pronoun",),
            "sheetfield": ("SheetFieldDefNum",),
            "task": ("TriageCategory",),
        },
    ),
    Upgrade(
        (22, 3),
        columns={"userod": ("EClipboardClinicalPin",)},
        former={("procedurelog", "SecDateEntry"): "date NOT NULL DEFAULT '0001-01-01'"},
    ),
    Upgrade(
        (23, 1),
        tables=("erouting", "eroutingaction", "payterminal"),
        columns={"payment": ("MerchantFee",)},
    ),
    Upgrade((23, 2), tables=("codegroup", "orthochartlog"), columns={"benefit": ("CodeGroupNum",)}),
    Upgrade(
        (23, 3),
        columns={"benefit": ("TreatArea",), "procedurecode": ("DiagnosticCodes",)},
        former={
            ("mobileappdevice", "IsEclipboardEnabled"): "IsAllowed tinyint NOT NULL",
            ("mobileappdevice", "EclipboardLastLogin"): (
                "LastLogin datetime NOT NULL DEFAULT '0001-01-01 00:00:00'"
            ),
        },
    ),
    Upgrade(
        (24, 1),
        tables=("mobilenotification", "patfieldpickitem"),
        columns={
            "claim": ("SecurityHash", "Narrative"),
            "document": ("OcrResponseData", "ImageCaptureType", "PrintHeading"),
            "userod": ("BadgeId",),
        },
    ),
    Upgrade(
        (24, 2),
        tables=("eform", "eformdef", "eformfield", "languagepat"),
        columns={
            "appointment": ("ItemOrderPlanned",),
            "histappointment": ("ItemOrderPlanned",),
            "printer": ("FileExtension", "IsVirtualPrinter"),
        },
        dropped={
            "plannedappt": "CREATE TABLE plannedappt (PlannedApptNum bigint NOT NULL AUTO_INCREMENT"
            " PRIMARY KEY, PatNum bigint NOT NULL, AptNum bigint NOT NULL, ItemOrder smallint"
            " unsigned NOT NULL, KEY (PatNum), KEY (AptNum)) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3"
        },
    ),
    Upgrade(
        (24, 3),
        tables=("eformimportrule", "pearlrequest"),
        columns={"userquery": ("DefaultFormatRaw",)},
        former={
            ("patient", "ChartNumber"): "varchar(20)",
            ("securitylog", "PermType"): "tinyint unsigned NOT NULL",
            ("grouppermission", "PermType"): "tinyint unsigned NOT NULL",
        },
    ),
)

CHOSEN = AT_WORK.union(
    *({*one.tables, *one.columns, *(table for table, _ in one.former)} for one in UPGRADES)
)
"""The tables of 25.1 that are looked at."""


def back_to(version: Version) -> Iterator[str]:
    """The statements that make a database of 25.1 one of an earlier version."""
    for upgrade in reversed(_since(version)):
        yield from (f"DROP TABLE {table}" for table in upgrade.tables)
        for table, columns in upgrade.columns.items():
            yield f"ALTER TABLE {table} {', '.join(f'DROP {column}' for column in columns)}"
        for (table, column), former in upgrade.former.items():
            named = former if former[0].isupper() else f"{column} {former}"
            yield f"ALTER TABLE {table} CHANGE {column} {named}"
        yield from upgrade.dropped.values()


def upgrade_from(version: Version) -> Iterator[str]:
    """The statements that upgrade a database of an earlier version to 25.1."""
    tables = shape.read()
    for upgrade in _since(version):
        yield from (tables[table].sql for table in upgrade.tables)
        for table, columns in upgrade.columns.items():
            added = (f"ADD {tables[table].column(column).sql}" for column in columns)
            yield f"ALTER TABLE {table} {', '.join(added)}"
        for (table, column), former in upgrade.former.items():
            named = former.split()[0] if former[0].isupper() else column
            yield f"ALTER TABLE {table} CHANGE {named} {tables[table].column(column).sql}"
        yield from (f"DROP TABLE {table}" for table in upgrade.dropped)


def _since(version: Version) -> list[Upgrade]:
    return [upgrade for upgrade in UPGRADES if upgrade.version > version]
