"""The fixture `profile`, and how it measures."""
