import re

from wiki.pages import read


def links(text):
    return re.findall(r"\[\[(\w+)\]\]", text)


def missing(folder, text):
    return [name for name in links(text) if not read(folder, name)]
