"""What writes tables.yml: rules, samples, changelog, dbt."""
