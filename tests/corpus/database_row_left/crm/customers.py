SCHEMA = "CREATE TABLE customers (name TEXT UNIQUE, city TEXT)"


def add(connection, name, city):
    connection.execute("INSERT INTO customers VALUES (?, ?)", (name, city))


def count(connection):
    return connection.execute("SELECT count(*) FROM customers").fetchone()[0]


def living_in(connection, city):
    rows = connection.execute("SELECT name FROM customers WHERE city = ? ORDER BY name", (city,))
    return [name for (name,) in rows]
