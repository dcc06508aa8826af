def strong(password):
    kinds = (str.islower, str.isupper, str.isdigit)
    return len(password) >= 8 and all(any(map(kind, password)) for kind in kinds)
