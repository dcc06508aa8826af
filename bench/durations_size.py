"""How large the durations file is, how fast, and how still: beside what other plugins keep.

    python bench/durations_size.py

Writes a suite of 100,000 tests that do nothing (10,000 functions with 10 parameters each, in 2,000
modules), runs it twice with each plugin, and prints the size of what it leaves and whether the
second run changed it. Then times reading and writing of the durations file, with durations that
differ by test too. Peers are installed from the package index into bench/.cache. Takes minutes.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from environments import BALANCE, PACKAGE, SPLIT, Environment, python_of

from pytest_markersteal.durations.format import decode, encode
from pytest_markersteal.durations.history import History, Times
from pytest_markersteal.durations.learning import Measured, learn

MODULES = 2000
FUNCTIONS = 5
PARAMETERS = 10
REPEATS = 5

TEST = """
@pytest.mark.parametrize("number", range({parameters}))
def test_behaviour_{function}_of_module_{module:04}(number):
    pass
"""

PLUGINS: tuple[tuple[str, Environment, tuple[str, ...], str], ...] = (
    (
        "pytest-markersteal",
        PACKAGE,
        ("-n2", "--dist=markersteal", "--markersteal-record=always"),
        ".markersteal/durations.msgpack",
    ),
    ("pytest-split", SPLIT, ("--store-durations",), ".test_durations"),
    (
        "pytest-balance",
        BALANCE,
        ("-n2", "--dist=worksteal", "--balance-store", "--balance-path=kept"),
        "kept",
    ),
)


def write_suite(folder: Path) -> None:
    """2,000 modules in 40 packages."""
    for module in range(MODULES):
        path = folder / f"tests/package_{module // 50:02}/test_module_{module:04}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        tests = (
            TEST.format(parameters=PARAMETERS, function=function, module=module)
            for function in range(FUNCTIONS)
        )
        path.write_text("import pytest\n" + "".join(tests))
    (folder / "pytest.ini").write_text("[pytest]\n")


def run(environment: Environment, folder: Path, arguments: tuple[str, ...]) -> None:
    """Run the suite, or stop with what went wrong."""
    command = [python_of(environment), "-m", "pytest", "-q", "-pno:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def content(path: Path) -> bytes:
    """The bytes of a file, or of all files in a folder."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return b"".join(file.read_bytes() for file in files if file.is_file())


def durations(spread: float) -> dict[str, Times]:
    """Log-normal by function; tests of one function differ by a log-normal ``spread`` too."""
    chance = random.Random(1)
    found = {}
    for module in range(MODULES):
        for function in range(FUNCTIONS):
            typical_s = chance.lognormvariate(-4, 1.5)
            name = f"tests/package_{module // 50:02}/test_module_{module:04}.py::"
            name += f"test_behaviour_{function}_of_module_{module:04}"
            for parameter in range(PARAMETERS):
                total_s = typical_s * chance.lognormvariate(0, spread)
                parts = (0.1 * total_s, 0.8 * total_s, 0.1 * total_s, 0.7 * total_s)
                found[f"{name}[{parameter}]"] = Times(*parts)
    return found


def median_s(action: Callable[[], object]) -> float:
    """Seconds that ``action`` takes."""
    found = []
    for _ in range(REPEATS):
        began_s = time.perf_counter()
        action()
        found.append(time.perf_counter() - began_s)
    return statistics.median(found)


def main() -> None:
    """Print both tables."""
    print("| plugin | bytes after the first run | after the second | changed |")
    print("| --- | --- | --- | --- |")
    for name, environment, arguments, file in PLUGINS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_suite(root)
            run(environment, root, arguments)
            first = content(root / file)
            run(environment, root, arguments)
            second = content(root / file)
            changed = "no" if first == second else "yes"
            print(f"| {name} | {len(first):,} | {len(second):,} | {changed} |", flush=True)
    print()
    print("| spread within a function | bytes | read s | encode s | learn from a run s |")
    print("| --- | --- | --- | --- | --- |")
    for spread in (0.0, 0.3, 1.0):
        measured = Measured(durations(spread), platform="linux-3.11")
        history = learn(History(), measured)
        packed = encode(history)
        read_s = median_s(lambda packed=packed: decode(packed))  # type: ignore[misc]
        write_s = median_s(lambda history=history: encode(history))  # type: ignore[misc]
        learn_s = median_s(lambda h=history, m=measured: learn(h, m))  # type: ignore[misc]
        print(f"| {spread} | {len(packed):,} | {read_s:.2f} | {write_s:.2f} | {learn_s:.2f} |")


if __name__ == "__main__":
    main()
