"""A shop, of which some lines are run by one test only, and some by none."""
