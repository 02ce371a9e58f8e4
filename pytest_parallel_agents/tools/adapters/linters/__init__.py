"""Linters: one small module each."""
