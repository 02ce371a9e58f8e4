"""One module per kind of check, and the tools they can run."""
