"""A catalog of articles, and how it is printed."""
