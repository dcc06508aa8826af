from pathlib import Path


def print_out(names, path=Path("catalog.out")):
    path.write_text("".join(f"* {name}\n" for name in names), encoding="utf-8")
    return path.resolve()
