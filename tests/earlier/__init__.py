"""What the version before left: databases and a tables.yml, made by it and put up by tests."""
