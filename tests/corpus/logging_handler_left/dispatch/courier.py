import logging

log = logging.getLogger("dispatch.courier")


def tour(parcels):
    """The parcels by weight, the heaviest first."""
    log.warning("tour with %d parcels", len(parcels))
    return sorted(parcels, key=parcels.get, reverse=True)


def handlers():
    """How many get a line of a courier."""
    own = logging.getLogger("dispatch").handlers
    return len(own) + len(log.handlers)
