"""What the trace costs: 10,000 empty tests with it, and with a writer that throws records away.

    python bench/trace_cost.py [--runs 7]

Both in turn, so that what else the machine does meets both; ratios are of neighbouring runs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import benched
from environments import HERE
from measuring import Measured, measure

_TESTS = 10_000
_WORKERS = 2


def run(folder: Path, *more: str) -> Measured:
    """One run; exits if it fails."""
    plugins = ("no:cacheprovider", "no:asyncio", "no:randomly", "no:hypothesispytest", "no:cov")
    off = [argument for name in plugins for argument in ("-p", name)]
    command = [sys.executable, "-m", "pytest", "-q", *off, "-n", str(_WORKERS), *more]
    done = measure([*command, "--dist", "markersteal"], folder, {"PYTHONPATH": str(HERE)})
    if done.exit_code:
        sys.exit(done.output)
    return done


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "empty")
        benched.empty(folder, _TESTS)
        run(folder)  # It records the durations.
        pairs = [(run(folder), run(folder, "-p", "no_trace_plugin")) for _ in range(runs)]
        (trace,) = sorted((folder / ".markersteal" / "runs").glob("*.trace"))[-2:-1]
        size = trace.stat().st_size
    for name in ("wall_s", "cpu_s"):
        ratios = [getattr(with_it, name) / getattr(without, name) for with_it, without in pairs]
        seconds = [
            statistics.median(getattr(one, name) for one in side)
            for side in zip(*pairs, strict=True)
        ]
        print(
            f"{name}: {seconds[0]:.2f} with, {seconds[1]:.2f} without; median ratio "
            f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        )
    print(f"{_TESTS:,} tests are {size:,} bytes")


if __name__ == "__main__":
    main()
