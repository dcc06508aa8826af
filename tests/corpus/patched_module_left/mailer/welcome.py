from mailer import transport

GREETINGS = {"en": "Welcome", "de": "Willkommen", "fr": "Bienvenue"}


def welcome(to, outbox, language="en"):
    transport.send({"to": to, "text": GREETINGS[language]}, outbox)
