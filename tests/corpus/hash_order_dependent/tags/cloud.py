from collections import Counter

from tags.tagging import tags


def cloud(texts):
    """How many texts have each tag, the most frequent first, then by name."""
    counted = Counter(tag for text in texts for tag in tags(text))
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
