"""The benchmark: what a first load and a night cost, beside other tools and the bare clients."""
