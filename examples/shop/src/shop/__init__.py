"""A small mail-order shop: products arrive in batches, are priced, ordered and picked."""
