"""Columns copied as a keyed hash, which the source computes: the clear value never leaves it."""

from dataclasses import dataclass
from hashlib import sha256

from pydantic import SecretStr

from opendental_pipeline.databases.sql import ident
from opendental_pipeline.databases.table import Column
from opendental_pipeline.databases.type_mapping import TransferType, clear_type_rule

HASH_TYPE = "varchar(64)"
"""The MySQL type of a hashed column: 64 hexadecimal digits."""

TOO_LARGE = ""
"""What the expression gives for a value that the source cannot hash."""

_BLOCK = 64  # bytes that SHA-256 takes at once


@dataclass(frozen=True)
class HashKey:
    """The key of HMAC-SHA256 (RFC 2104).

    Args:
        secret: equal values give equal hashes for as long as it stays the same.
    """

    secret: SecretStr

    @property
    def mark(self) -> str:
        """Tells this key from others, and nothing about it."""
        return sha256(b"mark of the key " + self._padded()).hexdigest()[:8]

    def expression(self, column: Column) -> str:
        """MySQL's expression for the hash of a column, in lower-case hexadecimal digits.

        Hashed are the bytes of a binary value, and of any other the text that the source shows, in
        UTF-8. NULL stays NULL. The key is in the statement, so it is in the source's general log,
        if that is on.
        """
        rule = clear_type_rule(column)
        read = rule.read.format(ident(column.name))
        if rule.transfer_type is not TransferType.BINARY:
            read = f"CAST(CONVERT(CAST({read} AS CHAR) USING utf8mb4) AS BINARY)"
        inner, outer = self._xored(0x36), self._xored(0x5C)
        inside = f"UNHEX(SHA2(CONCAT(0x{inner}, {read}), 256))"
        # beyond max_allowed_packet CONCAT is NULL
        digest = f"COALESCE(SHA2(CONCAT(0x{outer}, {inside}), 256), '{TOO_LARGE}')"
        return f"IF({ident(column.name)} IS NULL, NULL, {digest})"

    def _padded(self) -> bytes:
        key = self.secret.get_secret_value().encode()
        return (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")

    def _xored(self, mask: int) -> str:
        return bytes(byte ^ mask for byte in self._padded()).hex()
