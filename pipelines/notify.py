"""Tells people how everything stands, or tries whether they can be told."""

from opendental_pipeline.commands.notify import NOTIFY

if __name__ == "__main__":
    NOTIFY.start()
