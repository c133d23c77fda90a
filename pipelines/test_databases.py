"""Makes, describes and drops test databases on your own servers."""

from opendental_pipeline.commands.test_databases import TEST_DATABASES

if __name__ == "__main__":
    TEST_DATABASES.start()
