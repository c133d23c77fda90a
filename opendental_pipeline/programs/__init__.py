"""The jobs that a person or a timer starts: their command lines, and what they print."""
