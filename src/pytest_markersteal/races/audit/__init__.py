"""What a suite is like, and where running it in parallel may go wrong.

Facts come from what pytest collects (``collecting``), from the source of tests and conftests
(``statics``), from the trace of a run (``measured``), and from what commands found. Rules, which
are data (``rules``), say how much each weighs for the risk of a folder.
"""
