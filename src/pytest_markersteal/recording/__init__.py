"""What becomes of what a run measured: whether the durations file is written, and what it gains."""
