"""The types that tables.yml knows."""

from enum import StrEnum


class DataType(StrEnum):
    """The types that tables.yml knows."""

    BOOL = "bool"
    SMALLINT = "smallint"
    INTEGER = "integer"
    BIGINT = "bigint"
    NUMERIC = "numeric"
    DOUBLE = "double"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "json"
    BINARY = "binary"
