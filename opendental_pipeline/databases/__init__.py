"""What databases are and say: engines, sessions, catalog, types, and rows on the wire."""
