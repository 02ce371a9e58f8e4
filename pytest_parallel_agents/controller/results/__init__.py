"""What is known of every check, and how plugins are shown it."""
