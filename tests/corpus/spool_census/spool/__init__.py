"""A print spool: a folder with a file for each job."""
