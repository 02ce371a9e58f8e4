"""Pure: a state machine, events in and commands out."""
