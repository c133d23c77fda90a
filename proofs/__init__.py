"""Proofs that three databases hold the same rows, and what mends them where they do not."""
