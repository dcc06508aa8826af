"""Runs a suite many times, under conditions that vary, and says what the outcomes prove.

``plan`` says what runs there are, ``running`` carries them out as trials, ``state`` keeps what came
of them, ``tally`` counts, ``attribution`` finds the condition that explains failures. See
docs/decisions/0025-stress-and-verify.md.
"""
