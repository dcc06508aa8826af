import random

import pytest
from raffle.tickets import book, ticket


@pytest.fixture(scope="module")
def generator():
    """A generator of this module's own."""
    return random.Random(2026)


@pytest.mark.parametrize("number", range(5))
def test_a_ticket_has_six_digits(number, generator):
    assert len(ticket(generator)) == 6


@pytest.mark.parametrize("count", [0, 1, 100])
def test_a_book_has_different_tickets(count):
    assert len(book(count)) == count


def test_the_same_generator_gives_the_same_book():
    assert book(5, random.Random(1)) == book(5, random.Random(1))


def test_any_ticket_is_a_number():
    assert 0 <= int(ticket()) < 10**6
