"""Pytest items and configured commands become checks."""
