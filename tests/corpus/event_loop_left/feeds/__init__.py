"""News feeds, read asynchronously."""
