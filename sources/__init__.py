"""Where data comes from: one package for each source system."""
