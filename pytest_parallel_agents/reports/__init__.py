"""One module per format, all from the same report."""
