import os

strict = False
"""Whether an emergency ends the process at once, as it should at the customer's."""


def set_strict(value):
    global strict
    strict = value


def emergency(why):
    if strict:
        os._exit(70)
    raise RuntimeError(why)
