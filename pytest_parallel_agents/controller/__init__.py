"""The controller: decides what runs, and reports it. It is the process that has collected."""
