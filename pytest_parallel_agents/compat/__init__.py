"""Plugins that other people have written, and pytest's own, where they need help to work in workers."""
