"""A service that ends when it is asked to."""
