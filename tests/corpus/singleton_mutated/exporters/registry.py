class Registry:
    """Formats by name."""

    def __init__(self, formats=None):
        self.formats = dict(formats or {})

    def add(self, name, function):
        if name in self.formats:
            raise ValueError(f"there is a format {name} already")
        self.formats[name] = function

    def remove(self, name):
        del self.formats[name]

    def export(self, name, text):
        return self.formats[name](text)


REGISTRY = Registry({"plain": str, "loud": str.upper})
