"""The machine-readable outputs that commands may have: one small module each."""
