"""Messages, reports and files between the controller and its workers."""
