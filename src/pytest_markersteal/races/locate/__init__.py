"""Finds the tests on which the failure of another one depends.

The search knows nothing of tests (``minimising``): it asks whether something shows with these
candidates, and gets answers. What is asked is a trial (``lineups``), whether it shows is in what
becomes of the victim (``oracle``), and where candidates come from is the trace of an earlier run
(``accounts``) or the order of collection. ``locating`` tries one place after another;
``reproducing`` turns what was found into a command. See docs/decisions/0026-locate.md.
"""
