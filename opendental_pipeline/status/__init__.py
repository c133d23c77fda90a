"""How the pipeline stands: read without a lock, judged by one function, shown in several ways."""
