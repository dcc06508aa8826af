def send(mail, outbox):
    """Put a mail into the folder, under the next number."""
    number = len(list(outbox.iterdir())) + 1
    (outbox / f"{number:04}.eml").write_text(f"To: {mail['to']}\n\n{mail['text']}\n")


def sent(outbox):
    return [path.read_text() for path in sorted(outbox.glob("*.eml"))]
