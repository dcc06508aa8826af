"""A store and its baskets."""
