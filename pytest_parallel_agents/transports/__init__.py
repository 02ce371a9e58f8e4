"""How workers come to be."""
