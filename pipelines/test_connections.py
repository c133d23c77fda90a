"""Tries the three servers as a night uses them."""

from opendental_pipeline.commands.test_connections import TEST_CONNECTIONS

if __name__ == "__main__":
    TEST_CONNECTIONS.start()
