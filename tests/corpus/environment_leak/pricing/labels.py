from pricing.settings import countries, currency


def label(cents, unit=None):
    return f"{cents // 100}.{cents % 100:02} {unit or currency()}"


def sold_in(country):
    return not countries() or country in countries()
