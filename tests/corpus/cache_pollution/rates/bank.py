from functools import cache, cached_property

TABLE = {"EUR": 1.0, "USD": 1.25, "CHF": 1.0, "SEK": 11.0}


@cache
def rate(currency):
    """What one euro is."""
    return TABLE[currency]


class Day:
    """The rates of a day; what is cached here ends with the object."""

    def __init__(self, table):
        self._table = table

    @cached_property
    def best(self):
        return max(self._table, key=self._table.get)
