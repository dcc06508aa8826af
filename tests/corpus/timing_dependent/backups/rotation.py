import shutil


def rotate(target, keep):
    """Remove all but the newest backups; returns the names of those removed."""
    old = sorted(path for path in target.iterdir())[: -keep or None]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]
