import random


def ticket(generator=random):
    return f"{generator.randrange(10**6):06}"


def book(count, generator=random):
    tickets = set()
    while len(tickets) < count:
        tickets.add(ticket(generator))
    return tickets
