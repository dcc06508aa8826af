"""Files of traces, as runs would have left them."""

from __future__ import annotations

from pathlib import Path

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.trace import names, records
from pytest_markersteal.trace.format import encoder

HOSTILE = "</script><img src=x onerror='hacked = 1'><script>hacked = 1</script>"
FAILED = "tests/b.py::test_1"
_PLAIN = Demand()
_KEYED = Demand((Claim("db"),))
_ALONE = Demand(exclusive=True)


def usual_run(path: Path, slower: float = 1.0) -> Path:
    """Two workers; three files, of which one has a key; a failure and a ``no_parallel`` test."""
    demands = [_PLAIN, _KEYED, _ALONE]
    tests = [(f"tests/{file}.py::test_{number}", file) for file in "abc" for number in range(4)]
    demand_of = [1 if file == "c" else 0 for _, file in tests]
    demand_of[0] = 2
    second_us = round(1e6 * slower)
    ran = [records.Worker(f"gw{slot}", slot, 0, 400_000, 800_000, 1_000_000) for slot in (0, 1)]
    finished = []
    free_us = [1_000_000, 1_000_000 + second_us]
    for test in range(len(tests)):
        worker = test % 2 if demand_of[test] != 1 else 0
        began_us, ended_us = free_us[worker], free_us[worker] + second_us
        free_us[worker] = ended_us
        outcome = names.OUTCOMES.index(
            "failed" if tests[test][0].endswith("b.py::test_1") else "passed"
        )
        phases = [0, 0, 1000, 1, 1000, second_us - 1000, 2, second_us - 1000, second_us]
        finished.append(
            records.Finished(
                test, worker, began_us, ended_us, second_us, 1000, outcome, phases, [], [], False
            )
        )
    listed = records.Tests(
        [node_id for node_id, _ in tests],
        [demand.fields() for demand in demands],
        demand_of,
        {},
        [1_100_000] * len(tests),
    )
    return _write(path, listed, [*ran, *finished, records.End(max(free_us), 1, None)])


def hostile_run(path: Path) -> Path:
    """One test whose name, file and key are HTML and JavaScript."""
    demand = Demand((Claim(HOSTILE),))
    ids = [f"{HOSTILE}.py::test[{HOSTILE}]"]
    listed = records.Tests(ids, [demand.fields()], [0], {}, [1_000_000])
    worker = records.Worker("gw0", 0, 0, 1, 2, 3)
    phases = [0, 0, 1, 1, 1, 9, 2, 9, 10]
    ran = records.Finished(0, 0, 3, 1_000_003, 1_000_000, 10, 0, phases, [], [], False)
    return _write(path, listed, [worker, ran, records.End(1_000_010, 0, None)])


def _write(path: Path, tests: records.Tests, run: list[records.Record]) -> Path:
    head = records.Head(
        records.FORMAT,
        records.VERSION,
        "2026-01-02T03:04:05+00:00",
        ["-n", "2"],
        "markersteal",
        2,
        4,
        "linux-3.12",
        None,
        {"python": "3.12.0"},
    )
    encode = encoder()
    path.write_bytes(b"".join(map(encode, [head, tests, *run])))
    return path
