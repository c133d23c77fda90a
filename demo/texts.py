"""Texts of a clinic, chosen by the column's name: names, addresses, codes, notes."""

import base64
import re
from collections.abc import Callable
from random import Random

from demo import people
from demo.rows import NULL, Block, Cells, cell
from demo.shape import Column
from demo.vocabulary import PHRASES, PROCEDURES, SENTENCES, WORDS

Writer = Callable[[Random], str]


def note(random: Random) -> str:
    """A note of one to five sentences, often over several lines."""
    sentences = random.sample(SENTENCES, random.choice((1, 1, 2, 3, 5)))
    return random.choice((" ", "\n", "\r\n", "\r\n\r\n")).join(sentences)


def base64_bytes(random: Random) -> str:
    """Some hundred bytes, as OpenDental keeps them in text columns."""
    return base64.b64encode(random.randbytes(random.randrange(60, 400))).decode()


def _digits(width: int) -> Writer:
    return lambda random: str(random.randrange(10**width)).zfill(width)


def _hex(random: Random) -> str:
    return f"{random.getrandbits(128):032x}"


def _one(*values: str) -> Writer:
    return lambda random: random.choice(values)


def _home(part: str) -> Writer:
    return lambda random: str(getattr(people.home(random.randrange(9_999)), part))


def _email(random: Random) -> str:
    return people.email(random.randrange(9_999), random.randrange(9_999))


# The first pattern that is found in a column's name decides.
WRITERS: tuple[tuple[str, Writer], ...] = (
    ("RawBase64|Thumbnail", base64_bytes),
    ("(?i)guid|hash|token|apikey|^Password", _hex),
    (
        "FileName|FilePath|^Path$|Image(Source|File)",
        _one("A1\\scan 1.jpg", "x-ray_07.tif", "é.pdf"),
    ),
    ("LName|LastName|MaidenLname", _one(*people.LAST)),
    ("FName|MName|Preferred|ICEName", _one(*people.FIRST)),
    ("PatientNameRaw|UserName|FromUser|ToUser", _one(*people.LAST)),
    (r"EMail|Email(Address|Work|Personal|)$|(To|From|Sender|Recipient)Address|EmailUser", _email),
    ("Address2", _one("", "", "", "Apt 4", "Suite 200", "c/o Peña")),
    ("Address", _home("address")),
    ("City|Town", _home("city")),
    ("State(Abbr)?$|^ST$|StateWhere|MedicaidState", _home("state")),
    ("Zip", _home("zip")),
    ("Phone|Fax|Telephone", _home("phone")),
    ("SSN|TIN", _digits(9)),
    ("NationalProv|ElectID|PayorID|RxCui|MerchantNumber|SubscriberID|CheckNum", _digits(8)),
    ("DEANum|License|Identifier|RefNum|SnomedCode|Icd|ICD|MmslCode|PharmID", _digits(6)),
    ("ToothNum$|ToothNumTP", _one("", *map(str, range(1, 33)))),
    ("Tooth(Numbers|Range)", _one("", "1,2,3", "8,9", "T,S")),
    ("Surf", _one("", "MOD", "B", "DL")),
    ("ProcCode|CodeSent|CodeStr|CodeValue", _one(*(known.code for known in PROCEDURES))),
    ("Pattern$", _one("//XX//", "/XXXX/", "XX", "//XXXXXXXX//")),
    ("FontName", _one("Microsoft Sans Serif", "Arial")),
    ("Comp(uter)?Name", _one("FRONT-1", "FRONT-2", "OP-1", "OP-2", "SERVER", "HYGIÈNE")),
    ("Carrier|Payors", _one("Delta Dental", "Aetna", 'Blue Cross, "PPO"', "O'Neill Mutual")),
    ("Drug|MedName|MedDescript", _one("Amoxicillin 500 mg", "Ibuprofen 600 mg", "Clindamycin")),
    ("Version", _one("25.1.14.0", "24.4.21.0", "24.1.9.0")),
    ("Note|Text|Message|Body|Descript|Comment|Memo|Instruct|Narrative|Content|Desc", note),
    (
        "Name|Abbr|Title|Heading|Subject|Word|English|Service|Value|Label|Item|Reason|Type",
        _one(*PHRASES),
    ),
)
# Texts that a clinic hardly ever fills.
RARE = re.compile(
    "Canad|MedUrg|Receipt|Signature|Plain|Override|NoteBold|Custom|Ortho|OldCode|Snomed"
)


def make(block: Block, column: Column) -> Cells:
    """Texts for a column of characters; blank ones where a clinic has them."""
    writer = _writer(column)
    pool = [cell(writer(block.random)[: column.length]) for _ in range(min(block.size, 200))]
    blank = NULL if column.default == "NULL" else ""
    return block.some(_filled(column), block.pick(pool), blank)


def _writer(column: Column) -> Writer:
    if column.meaning == "word":
        return _one(*WORDS)
    found = (writer for pattern, writer in WRITERS if re.search(pattern, column.name))
    # What no pattern knows is one of the many texts that a clinic has no use for.
    writer = next(found, _one(*[""] * 30, *WORDS))
    if writer is note and column.base not in ("text", "mediumtext", "longtext"):
        return _one(*PHRASES, *SENTENCES)
    return writer


def _filled(column: Column) -> float:
    if RARE.search(column.name):
        return 0.02
    return 0.6 if column.nullable else 0.9
