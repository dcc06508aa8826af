"""What pytest collects in a project: its tests, with their marks, fixtures and where they stand.

Collecting imports conftests and test modules, so it is done in a child process (``child``), which
writes what there is (``model``) into a file that ``running`` reads.
"""
