"""`python -m opendental_pipeline.commands` is the script `opendental`, wherever that is."""

from opendental_pipeline.commands.opendental import start

if __name__ == "__main__":
    start()
