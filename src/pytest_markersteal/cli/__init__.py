"""The command line ``markersteal``: one module for each command."""
