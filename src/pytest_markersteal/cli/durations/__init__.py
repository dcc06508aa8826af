"""``markersteal durations``: one module for each subcommand."""
