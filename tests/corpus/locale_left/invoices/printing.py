import locale


def amount(cents):
    return locale.format_string("%.2f", cents / 100)


def invoice(lines, place=None):
    if place:
        locale.setlocale(locale.LC_NUMERIC, place)
    return "\n".join(f"{name}: {amount(cents)}" for name, cents in lines)
