"""The clinic whose nights are dumped: a table of each kind, and what happens there in two days."""

from typing import Any

from opendental_pipeline.settings.tuning import RunTuning, Tuning

NAME = "earlier_test"
"""Of its databases; dlt's state has the name of replication's, so they are put up under it."""

HASH_KEY = "a key of the tests, nowhere else"

TUNING = Tuning(
    runs=RunTuning(handover_rows=1, slice_rows=10, compare_rows=30, history_days=36_500)
)
"""Small numbers for small tables; and tombstones stay, however old the dump is."""

EDITED = """
    DateTStamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"""
MYISAM, INNODB = "ENGINE=MyISAM DEFAULT CHARSET=utf8mb3", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb3"

TABLES = (
    f"""CREATE TABLE patient (
        PatNum bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, LName varchar(100) NOT NULL DEFAULT '',
        Birthdate date NOT NULL DEFAULT '0001-01-01', Photo blob, {EDITED}) {MYISAM}""",
    f"""CREATE TABLE appointment (
        AptNum bigint NOT NULL PRIMARY KEY, AptStatus enum('set','done') NOT NULL, Note text,
        {EDITED}) {INNODB}""",
    f"""CREATE TABLE claim (
        ClaimNum bigint NOT NULL PRIMARY KEY, Fee double NOT NULL, DateService date NOT NULL,
        SecEdit datetime NOT NULL, {EDITED}) {INNODB}""",
    f"""CREATE TABLE document (
        DocNum bigint NOT NULL PRIMARY KEY, FileName varchar(50) NOT NULL, {EDITED}) {MYISAM}""",
    f"""CREATE TABLE userod (
        UserNum bigint NOT NULL PRIMARY KEY, UserName varchar(50) NOT NULL,
        Password varchar(50) NOT NULL, SSN varchar(11) NOT NULL) {MYISAM}""",
    f"CREATE TABLE definition (DefNum int PRIMARY KEY, ItemName varchar(50) NOT NULL) {MYISAM}",
    f"CREATE TABLE fee (FeeNum bigint PRIMARY KEY, Amount decimal(12,3), Memo text) {INNODB}",
    f"CREATE TABLE rate (RateNum bigint PRIMARY KEY, Amount double) {INNODB}",
    f"CREATE TABLE tooth (PatNum int, Tooth int, Note varchar(20), PRIMARY KEY (PatNum, Tooth))"
    f" {INNODB}",
    f"CREATE TABLE preference (PrefName varchar(50) PRIMARY KEY, ValueString text) {MYISAM}",
    f"CREATE TABLE zipcode (Code varchar(10), City varchar(50)) {MYISAM}",
    f"CREATE TABLE queue (Message varchar(50), Tries int) {INNODB}",
    f"""CREATE TABLE securitylog (
        LogNum bigint NOT NULL PRIMARY KEY, LogText varchar(50) NOT NULL, {EDITED}) {MYISAM}""",
)

OVERRIDES: dict[str, dict[str, Any]] = {
    "claim": {
        "extraction_strategy": "incremental",
        "incremental_columns": ["DateTStamp", "SecEdit"],
        "incremental_strategy": "or_logic",
        "lookback": {"days": 30, "columns": ["DateService"]},
        "reconcile": {"rows": "weekly"},
    },
    "document": {"deletes": "mark"},
    "userod": {"columns": {"Password": {"exclude": True}, "SSN": {"hash": True}}},
    "fee": {"columns": {"Memo": {"data_type": "text"}}, "reconcile": {"rows": "nightly"}},
}
"""What a person says in tables.yml, beside what the analyzer writes."""

FIRST_DAY = (
    "INSERT INTO patient (LName, Birthdate, Photo, DateTStamp) SELECT CONCAT('Name', seq),"
    " '1980-02-03' + INTERVAL seq DAY, UNHEX(MD5(seq)), '2020-01-01' + INTERVAL seq HOUR"
    " FROM seq_1_to_25",
    "UPDATE patient SET Birthdate = '0000-00-00', DateTStamp = '2020-01-01' WHERE PatNum = 3",
    "INSERT INTO appointment SELECT seq, 1 + seq % 2, IF(seq % 3, REPEAT('é', seq), NULL),"
    " '2020-01-01' + INTERVAL seq HOUR FROM seq_1_to_15",
    "INSERT INTO claim SELECT seq, seq / 10, '2019-01-01', '2020-01-02', '2020-01-01'"
    " FROM seq_1_to_8",
    "INSERT INTO document SELECT seq, CONCAT(seq, '.pdf'), '2020-01-01' FROM seq_1_to_8",
    "INSERT INTO userod SELECT seq, CONCAT('user', seq), 'secret', LPAD(seq, 9, '1')"
    " FROM seq_1_to_4",
    "INSERT INTO definition SELECT seq, CONCAT('item ', seq) FROM seq_1_to_6",
    "INSERT INTO fee SELECT seq, seq / 8, IF(seq % 2, '', NULL) FROM seq_1_to_40",
    "INSERT INTO rate SELECT seq, 1 / seq FROM seq_1_to_12",
    "INSERT INTO tooth SELECT 1 + seq % 3, seq, '' FROM seq_1_to_9",
    "INSERT INTO preference VALUES ('UpdateInProgressOnComputerName', ''), ('Language', 'de'),"
    " ('ClinicName', 'Zähne')",
    "INSERT INTO zipcode VALUES ('12345', 'Ulm'), ('12345', 'Ulm'), (NULL, '')",
    "INSERT INTO queue VALUES ('first', 0), ('first', 0), (NULL, 7)",
    "INSERT INTO securitylog SELECT seq, 'in', '2020-01-01' FROM seq_1_to_5",
)

SECOND_DAY = (
    "UPDATE patient SET LName = 'Ng', DateTStamp = '2020-02-02' WHERE PatNum = 2",
    "INSERT INTO patient (LName, DateTStamp) VALUES ('New', '2020-02-03')",
    "DELETE FROM patient WHERE PatNum = 7",
    "UPDATE appointment SET Note = 'moved', DateTStamp = '2020-02-02' WHERE AptNum = 4",
    "UPDATE claim SET Fee = 7, SecEdit = '2020-02-02', DateTStamp = DateTStamp WHERE ClaimNum = 5",
    "DELETE FROM document WHERE DocNum IN (2, 3)",
    "DELETE FROM fee WHERE FeeNum = 9",
    "UPDATE fee SET Amount = 99 WHERE FeeNum = 10",
    "DELETE FROM tooth WHERE PatNum = 1 AND Tooth = 3",
    "UPDATE preference SET ValueString = 'fr' WHERE PrefName = 'Language'",
    "DELETE FROM queue WHERE Tries = 7",
)

UPGRADE = (
    "ALTER TABLE securitylog ADD CompNum int NOT NULL DEFAULT 1",
    "INSERT INTO securitylog SELECT seq, 'later', '2020-02-02', seq FROM seq_6_to_40",
)
"""After it securitylog is read in full, in slices; that pass is interrupted between two of them."""

REFUSE = """
    CREATE TRIGGER refuse BEFORE INSERT ON securitylog FOR EACH ROW
    IF NEW.LogNum > 20 THEN SIGNAL SQLSTATE '45000'; END IF"""
