"""Makes the views over all clinics, where their tables are others than the views know."""

from opendental_pipeline.commands.union_views import UNION_VIEWS

if __name__ == "__main__":
    UNION_VIEWS.start()
