"""Pure: fixtures, resources and order become conflicts, lanes and locks."""
