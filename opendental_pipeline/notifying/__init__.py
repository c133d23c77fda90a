"""Tells people and monitors what they should know, once, and whatever happens to a message."""
