"""The status as a page: one file that needs nothing else."""
