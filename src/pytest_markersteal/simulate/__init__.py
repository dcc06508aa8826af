"""The scheduler under a virtual clock, beside xdist's own."""
