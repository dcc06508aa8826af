def broken(module, numbers):
    """The numbers that the rules don't allow."""
    return [number for number in numbers if not module.allowed(number)]
