"""Which servers a session has, for what is not the same on all of them."""

import os

from demo import suites

RELEASES = suites.chosen(os.environ)
"""By server, the release that is not this machine's own."""

KINDS = suites.kinds(os.environ)
"""By server, of which kind it is."""
