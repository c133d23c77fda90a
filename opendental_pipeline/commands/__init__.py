"""The command lines: what may be asked of each program, read before anything heavy is imported."""
