"""Runs of a project's tests under stated conditions, to see what becomes of each test.

A trial is a pytest of its own in a child process (``child``), so that nothing of it stays behind.
It runs tests freely, as the project's own ``pytest -n`` would, or by a script (``script``): these
tests, in this order, on these slots. What it has to say goes into a file while it goes on
(``results``), so that a trial that dies or hangs has said what it was doing. See
docs/decisions/0024-trials.md.
"""
