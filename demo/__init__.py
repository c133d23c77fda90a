"""A synthetic clinic on private servers, for the demo and the tests."""
