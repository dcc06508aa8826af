def reminder(invoice, days):
    tone = "please" if days < 30 else "now"
    return f"{invoice.customer}: pay {invoice.name} {tone}"


def fee(days):
    return 0 if days < 14 else 500
