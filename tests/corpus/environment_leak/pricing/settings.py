import os


def currency():
    return os.environ.get("SHOP_CURRENCY", "EUR")


def countries():
    return [word for word in os.environ.get("SHOP_COUNTRIES", "").split(",") if word]
