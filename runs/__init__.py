"""What runs a job: planning, grouping, isolation, locking, tracking and the report."""
