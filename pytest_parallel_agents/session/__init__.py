"""The pytest session in the controller's process."""
