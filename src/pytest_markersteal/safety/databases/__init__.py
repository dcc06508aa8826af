"""A database for each worker: a clone of one that was prepared once."""
