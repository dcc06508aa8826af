import itertools


class Invoice:
    """Numbered in the order in which they are written."""

    numbers = itertools.count(1)

    def __init__(self, customer, cents, number=None):
        self.customer = customer
        self.cents = cents
        self.number = next(self.numbers) if number is None else number

    @property
    def name(self):
        return f"INV-{self.number:04}"
