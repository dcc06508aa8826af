"""The scheduler: events in, commands out; standard library only, no clock, no I/O, no dice."""
