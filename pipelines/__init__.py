"""The jobs a person runs, one thin file each."""
