"""Support for plugins of others, and pytest's own, that need help to work in workers."""
