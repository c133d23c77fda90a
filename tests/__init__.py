"""Tests on real servers, named after what they show."""
