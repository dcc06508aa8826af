def tags(text):
    """The words that begin with a hash, without it."""
    return {word[1:].lower() for word in text.split() if word.startswith("#") and word != "#"}


def listing(found):
    return ", ".join(found)
