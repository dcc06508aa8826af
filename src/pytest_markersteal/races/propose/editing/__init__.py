"""Marks in the source of a test module: put in and taken out, with nothing else touched.

LibCST says where things are (``module``, ``heads``, ``present``). What is changed are pieces of the
text, so that whatever is not such a piece stays as it was, byte for byte (``adding``, ``taking``).
"""
