"""Which modules have run next to each other, and beside each other, in runs so far.

Pairs of modules, not of tests: of 100,000 tests there are ten thousand million pairs, of their
thousand modules a million, and with a bit each they take 125 kB.
"""
