"""Type checkers: one small module each."""
