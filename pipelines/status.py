"""Says how everything stands: the last runs, and every table."""

from opendental_pipeline.commands.status import STATUS

if __name__ == "__main__":
    STATUS.start()
