"""What each table needs in a night, and what is remembered of it."""
