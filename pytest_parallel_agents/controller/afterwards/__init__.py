"""Checks that run once more when all have run: alone, or under measurement."""
