import hashlib


class Users:
    """Who may log in, in memory."""

    def __init__(self):
        self._hashes = {}

    def sign_up(self, name, password):
        if name in self._hashes:
            raise ValueError(f"there is a user {name} already")
        self._hashes[name] = digest(name, password)

    def log_in(self, name, password):
        return self._hashes.get(name) == digest(name, password)

    def forget(self, name):
        self._hashes.pop(name, None)


def digest(name, password):
    return hashlib.sha256(f"{name}:{password}".encode()).hexdigest()


USERS = Users()
