"""Reading OpenDental: settings, tables.yml, catalogue, types, strategies and the dlt resources."""
