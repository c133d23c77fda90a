"""Everything of the pipeline that is neither a source, a destination nor a job."""
