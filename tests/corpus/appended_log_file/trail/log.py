import contextlib
from pathlib import Path

TRAIL = Path(__file__).parents[1] / "var" / "trail.log"


def append(line, path=None):
    path = path or TRAIL
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@contextlib.contextmanager
def behind(path=None):
    """Collects the lines that come behind what is there when the block begins."""
    path = path or TRAIL
    before = path.stat().st_size if path.exists() else 0
    lines = []
    yield lines
    with path.open("rb") as file:
        file.seek(before)
        lines += file.read().decode().splitlines()
