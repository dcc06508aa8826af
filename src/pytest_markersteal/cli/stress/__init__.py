"""``markersteal stress``: many runs of a suite, counted and shown."""
