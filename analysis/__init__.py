"""What the analyzer knows and decides: it reads the source's catalogue and writes tables.yml."""
