def empty(connection):
    with connection:
        connection.execute("DELETE FROM orders")


def place(connection, article, cents):
    with connection:
        connection.execute("INSERT INTO orders VALUES (?, ?)", (article, cents))


def count(connection):
    return connection.execute("SELECT count(*) FROM orders").fetchone()[0]


def articles(connection):
    return [row[0] for row in connection.execute("SELECT article FROM orders ORDER BY article")]
