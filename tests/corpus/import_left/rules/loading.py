import contextlib
import importlib
import sys


def load(folder, name="house_rules"):
    """The rules in ``folder``."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    return importlib.import_module(name)


@contextlib.contextmanager
def loaded(folder, name="house_rules"):
    """The rules in ``folder``; nothing of them stays behind the block."""
    before = [*sys.path]
    try:
        yield load(folder, name)
    finally:
        sys.path[:] = before
        sys.modules.pop(name, None)
