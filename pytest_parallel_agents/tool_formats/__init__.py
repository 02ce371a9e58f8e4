"""The formats of commands' output: one small module each."""
