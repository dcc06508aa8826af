"""A service that answers with what it was sent."""
