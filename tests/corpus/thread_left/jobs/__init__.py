"""Jobs that are done in the background."""
