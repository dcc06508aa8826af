"""Formats that a document can be exported to."""
