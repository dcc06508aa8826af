"""Ports for the servers that tests start, without collisions between processes and sessions."""
