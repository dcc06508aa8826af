import os

from pytest_postgresql import factories

orders = """
CREATE TABLE orders (id serial PRIMARY KEY, name text UNIQUE);
INSERT INTO orders (name) VALUES ('from the template');
"""


def schema(**connect):
    import psycopg

    with psycopg.connect(**connect) as connection:
        connection.execute(orders)


server = factories.postgresql_noproc(
    host=os.environ["MATRIX_POSTGRESQL"], user="postgres", load=[schema]
)
postgresql = factories.postgresql("server")
