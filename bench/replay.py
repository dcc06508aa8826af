"""How often a failure that some schedules bring about comes back when its run is replayed.

Two suites have a failure planted: a test that breaks where another ran before it in its worker, and
one that breaks where another runs at the same time. Each is run with many seeds, which shuffle the
modules and change how long tests take; then one run that failed and one that passed are replayed,
with other seeds. Prints the table of docs/replay.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONFTEST = """
    import os, random, time, pytest

    SEED, OWN = os.environ["PLANTED_SEED"], os.environ["PLANTED_OWN_SEED"]
    CHANGE = {change}

    def pytest_collection_modifyitems(items):
        modules = sorted({{item.path.name for item in items}})
        random.Random(OWN).shuffle(modules)
        items.sort(key=lambda item: modules.index(item.path.name))

    @pytest.fixture
    def work(request):
        base_s = random.Random(SEED + request.node.nodeid).uniform(0.005, 0.1)
        change = random.Random(OWN + request.node.nodeid).uniform(1 - CHANGE, 1 + CHANGE)
        time.sleep(base_s * change)
"""
REST = """
    def test_rest(work): pass
"""
REST_MODULES = 28
"""Of one test each, so that the planted ones go anywhere."""

ORDER = {
    "state.py": "polluted = False",
    "test_poison.py": """
    import state

    def test_poison(work):
        state.polluted = True
    """,
    "test_victim.py": """
    import state

    def test_victim(work):
        assert not state.polluted
    """,
}
OVERLAP = {
    "test_writer.py": """
    import time
    from pathlib import Path

    def test_writer():
        Path("shared.txt").touch()
        time.sleep(0.1)
        Path("shared.txt").unlink()
    """,
    "test_reader.py": """
    from pathlib import Path

    def test_reader(work):
        assert not Path("shared.txt").exists()
    """,
}


@dataclass(frozen=True)
class Plant:
    """``change`` is how much longer or shorter tests take in a replay, as a share."""

    name: str
    files: dict[str, str]
    workers: int
    change: float

    def write(self, folder: Path) -> None:
        modules = {f"test_rest_{number}.py": REST for number in range(REST_MODULES)}
        conftest = {"conftest.py": CONFTEST.format(change=self.change), "pytest.ini": "[pytest]"}
        for name, text in (self.files | modules | conftest).items():
            lines = text.strip("\n").splitlines()
            (folder / name).write_text("\n".join(line.removeprefix("    ") for line in lines))


PLANTS = (
    Plant("another test ran before, in the same worker", ORDER, workers=5, change=0.9),
    Plant("another test runs at the same time", OVERLAP, workers=4, change=0.1),
)


def run(folder: Path, seed: int, own_seed: int, *arguments: str) -> bool:
    """Whether the suite passes; raises where it did not run as it should."""
    environment = os.environ | {
        "PLANTED_SEED": str(seed),
        "PLANTED_OWN_SEED": str(own_seed),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MARKERSTEAL_RECORD": "never",
    }
    plugins = ["-pxdist", "-pmarkersteal", "-pno:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, *arguments]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if result.returncode not in (0, 1):
        raise RuntimeError(result.stdout + result.stderr)
    return result.returncode == 0


def traced(folder: Path, seed: int, plant: Plant) -> tuple[bool, Path]:
    """Whether a run passes, and its trace, which the next one won't remove."""
    shutil.rmtree(folder / ".markersteal", ignore_errors=True)
    passes = run(folder, seed, seed, f"-n{plant.workers}", "--dist=markersteal")
    (trace,) = (folder / ".markersteal" / "runs").glob("*.trace")
    return passes, trace.replace(folder / f"{seed}.trace")


def measure(plant: Plant, runs: int, repeats: int) -> str:
    """The row of the table for ``plant``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plant.write(folder)
        found = {seed: traced(folder, seed, plant) for seed in range(runs)}
        cells = [plant.name, f"{sum(not passes for passes, _ in found.values())} of {runs}"]
        for wanted in (False, True):
            # The first of each, whatever it is like: nothing is picked.
            seed, trace = next(
                (seed, trace) for seed, (passes, trace) in found.items() if passes is wanted
            )
            failed = sum(
                not run(folder, seed, 1000 + again, "--markersteal-replay", str(trace))
                for again in range(repeats)
            )
            cells.append(f"{failed} of {repeats}")
        return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50, help="runs with seeds of their own")
    parser.add_argument("--repeats", type=int, default=10, help="replays of each of two of them")
    args = parser.parse_args()
    heads = "the test fails where", "runs that failed"
    heads += "replays of a failed run", "replays of a passed run"
    print(f"| {' | '.join(heads)} |")
    print("| --- | --- | --- | --- |")
    for plant in PLANTS:
        print(measure(plant, args.runs, args.repeats), flush=True)


if __name__ == "__main__":
    main()
