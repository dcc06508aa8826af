def write(folder, name, text):
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def read(folder, name):
    """The text of a page; none has no text."""
    path = folder / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""
