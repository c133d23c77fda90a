"""Where data goes: the dlt destinations of the two hops."""
