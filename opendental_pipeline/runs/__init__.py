"""What runs a job: hops, isolation, locks, status tables, report."""
