"""Programs as checks."""
