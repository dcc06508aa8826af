class Store:
    """Articles that are taken from shelves, and put back while it is open."""

    def __init__(self, **articles):
        self.open = True
        self.articles = dict(articles)

    def put_back(self, article):
        if not self.open:
            raise RuntimeError("the store is closed")
        self.articles[article] = self.articles.get(article, 0) + 1

    def take(self, article):
        if not self.articles.get(article):
            raise LookupError(f"no {article}")
        self.articles[article] -= 1

    def close(self):
        self.open = False
