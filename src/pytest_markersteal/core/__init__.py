"""The scheduler: events in, commands out. Standard library only, no clock, no I/O, no randomness."""
