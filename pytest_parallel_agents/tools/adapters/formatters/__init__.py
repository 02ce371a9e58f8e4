"""Formatters: one small module each."""
