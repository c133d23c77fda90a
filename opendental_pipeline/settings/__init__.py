"""What people set: servers, tunables, tables.yml; and the errors that say what is wrong with it."""
