"""Pages in a folder."""
