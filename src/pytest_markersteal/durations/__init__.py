"""The durations of earlier runs, in a file that a team can commit."""
