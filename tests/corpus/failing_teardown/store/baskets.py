class Basket:
    def __init__(self, store):
        self.store = store
        self.articles = []

    def add(self, article):
        self.store.take(article)
        self.articles.append(article)

    def empty(self):
        while self.articles:
            self.store.put_back(self.articles.pop())
