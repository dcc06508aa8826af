from hypothesis import settings

settings.register_profile("matrix", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("matrix")
