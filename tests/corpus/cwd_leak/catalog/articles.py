from pathlib import Path

CATALOG = Path("data/catalog.txt")


def articles(path=CATALOG):
    return path.read_text(encoding="utf-8").split()
