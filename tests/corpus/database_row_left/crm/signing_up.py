from crm.customers import add


def sign_up(connection, name, city):
    """Add a customer for good."""
    if not name.strip():
        raise ValueError("a customer has a name")
    add(connection, name.strip(), city)
    connection.commit()
