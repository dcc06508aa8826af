"""Turns what was found into marks that people review, and then applies those they agree with.

Findings (``reading``) become proposals (``proposing``, ``removing``), which are written to a file
for review (``file``). From there they go into the source (``placing``, ``editing``) or into a map
of node ids to marks (``mapped``), and a run shows whether they keep apart what they should
(``checking``).
"""
