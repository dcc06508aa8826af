from rates.bank import rate


def convert(amount, source, target):
    return round(amount / rate(source) * rate(target), 2)
