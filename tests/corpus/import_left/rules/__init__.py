"""Rules, as Python modules in folders of the users."""
