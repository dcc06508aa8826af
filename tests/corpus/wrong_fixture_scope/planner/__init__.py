"""Plans for a week."""
