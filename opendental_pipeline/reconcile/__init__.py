"""Comparing the three databases, and mending what differs."""
