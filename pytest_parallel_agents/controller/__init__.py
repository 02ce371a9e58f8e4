"""What decides and tells: the side of the process that has collected."""
