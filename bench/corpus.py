"""What each command finds of the planted faults in tests/corpus, and what else it says.

    python bench/corpus.py                                   # all of it, ten minutes
    python bench/corpus.py shared_file --commands watch locate

Each command is asked for the faults that it might find. Watching sees one run of the suite at -n 2,
and, where a fault needs two tests at the same time, one more in which those two begin together;
what it found goes to ``markersteal propose``. Verify, locate and stress have no trace to look at,
and their findings go to ``markersteal propose`` as well.

A fault is found where a finding names its culprits (``watch``, ``locate``) or its victim
(``verify``, ``stress``). A false alarm is a finding that names an innocent test. The mark is right
where it is of the manifest's kind, on all guilty tests and no other; or, where no mark mends the
fault, where none is proposed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_markersteal.races.findings import CONFLICT, LEAK, Finding, as_json, findings_in
from pytest_markersteal.races.propose.file import FILE, read_proposals
from pytest_markersteal.races.watch import findings as watching
from pytest_markersteal.races.watch.common import as_common

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpus"))

from corpus import Fault, faults
from running import FOREIGN, copied, run
from staging import Stage

_ONLY_OURS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin",
}
_STRESS = ("stress", "--perturb", "--levels", "1,2", "--iterations", "6")


@dataclass(frozen=True)
class Said:
    """What a command said of a fault, after so many runs and seconds."""

    findings: Sequence[Finding]
    runs: int
    seconds: float
    mark: str
    """What propose makes of it, or ``none``."""
    is_mark_right: bool


def watch(fault: Fault) -> tuple[list[Finding], int]:
    """What watching finds that is not doubtful."""
    stages = [(Stage(), "markersteal")]
    if fault.kind == "conflict":
        first, second = fault.show
        stages.append((Stage(meet=((first, second),), split=True), "each"))
    found: list[Finding] = []
    temporary = fault.folder.parent / f"{fault.name}-tmp"
    temporary.mkdir()
    variables = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))  # The same in both runs.
    for stage, dist in stages:
        options = ("-n2", f"--dist={dist}", "--markersteal-watch")
        run(fault.folder, stage, *options, variables=variables)
        watched = watching.read(fault.folder / ".markersteal" / "runs" / watching.FILE)
        found += [
            as_common(one)
            for one in watched.findings
            if not (one.is_doubtful or _is_of_the_stage(one.thing))
        ]
    return found, len(stages)


def _is_of_the_stage(thing: str) -> bool:
    """Whether it is one of the files by which staged tests meet: ``log``, or ``3-14``."""
    return re.fullmatch(r"(.*/)?(log|\d+-\d+)", thing) is not None


def verify(fault: Fault) -> tuple[list[Finding], int]:
    """What ``markersteal verify --deep`` finds."""
    return _asked(fault, "verify", "--deep")


def locate(fault: Fault) -> tuple[list[Finding], int]:
    """What ``markersteal locate`` finds for the last victim."""
    return _asked(fault, "locate", fault.victims[-1])


def stress(fault: Fault) -> tuple[list[Finding], int]:
    """What ``markersteal stress --perturb`` finds."""
    return _asked(fault, *_STRESS)


def _asked(fault: Fault, *arguments: str) -> tuple[list[Finding], int]:
    content = json.loads(_markersteal(fault, *arguments, "--json"))
    runs = content["trials"] if "trials" in content else content["runs"]
    count = runs if isinstance(runs, int) else len(runs)
    return findings_in(fault.folder, content), count


def _markersteal(fault: Fault, *arguments: str) -> str:
    own = {name: v for name, v in os.environ.items() if not name.startswith(FOREIGN)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest_markersteal.cli", *arguments],
        cwd=fault.folder,
        env={**own, **_ONLY_OURS},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout


_COMMANDS: dict[str, tuple[Callable[[Fault], tuple[list[Finding], int]], tuple[str, ...]]] = {
    "watch": (watch, ("alone", "hash seed", "left", "order", "overlap", "timing")),
    "verify": (verify, ("alone", "order")),
    "locate": (locate, ("alone", "order", "overlap")),
    "stress": (stress, ("hash seed", "timing")),
}
"""By name: how it is asked, and by what the faults show that it is asked for."""


def asked(command: str, fault: Fault) -> Said:
    """Ask ``command`` for ``fault``, and propose what it found."""
    ask, _ = _COMMANDS[command]
    began_s = time.monotonic()
    found, runs = ask(fault)
    seconds = time.monotonic() - began_s
    mark, is_right = _proposed(fault, found)
    return Said(found, runs, seconds, mark, is_right)


def _proposed(fault: Fault, found: Sequence[Finding]) -> tuple[str, bool]:
    """The marks that are proposed, and whether they are what the manifest says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        path.write_text(as_json(found), encoding="ascii")
        (fault.folder / FILE).unlink(missing_ok=True)
        _markersteal(fault, "propose", str(path))
    if not (fault.folder / FILE).exists():  # Nothing was found, so there is nothing to propose.
        return "none", fault.mark == "none"
    proposals = [one for one in read_proposals(fault.folder / FILE).proposals if one.apply]
    shown = ", ".join(sorted({str(one.mark) for one in proposals})) or "none"
    if fault.mark == "none":
        return shown, not proposals
    wanted = fault.mark.partition(":")[0], sorted(fault.guilty)
    return shown, [(one.mark.name, sorted(one.tests)) for one in proposals] == [wanted]


def is_found(command: str, fault: Fault, said: Said) -> bool:
    """Whether a finding names whom it should."""
    if command == "watch":
        kind = CONFLICT if fault.kind == "conflict" else LEAK
        named = set(fault.guilty if fault.kind == "conflict" else fault.culprits)
        return any(one.kind == kind and set(one.tests) == named for one in said.findings)
    if command == "locate":
        wanted = set(fault.culprits) - {fault.victims[-1]}
        return any(set(one.culprits) == wanted for one in said.findings)
    return any(set(one.victims) & set(fault.guilty) for one in said.findings)


def false_alarms(fault: Fault, said: Said) -> int:
    """How many findings name an innocent test."""
    return sum(bool(set(one.tests) - set(fault.guilty)) for one in said.findings)


def main() -> None:
    """Print a table of faults, and one of commands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="FAULT", help="all unless given")
    parser.add_argument("--commands", nargs="+", choices=[*_COMMANDS], default=[*_COMMANDS])
    chosen = parser.parse_args()
    heads = ["fault", "shown by", *chosen.commands, "mark proposed", "mark of the manifest"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)
    said: dict[str, dict[str, Said]] = {command: {} for command in chosen.commands}
    right = 0
    with tempfile.TemporaryDirectory() as scratch:
        planted = [
            fault
            for fault in faults(copied(Path(scratch)))
            if not chosen.names or fault.name in chosen.names
        ]
        for fault in planted:
            cells = []
            for command in chosen.commands:
                if fault.condition not in _COMMANDS[command][1] or (
                    command == "locate" and not fault.victims
                ):
                    cells.append("")
                    continue
                answer = said[command][fault.name] = asked(command, fault)
                cells.append(_cell(command, fault, answer))
            own = said.get(fault.command, {}).get(fault.name)
            mark = own.mark if own else ""
            right += bool(own and own.is_mark_right and is_found(fault.command, fault, own))
            row = [f"`{fault.name}`", fault.condition, *cells, mark, fault.mark]
            print(f"| {' | '.join(row)} |", flush=True)
    print(f"\nFound by the right command, with the right mark: {right} of {len(planted)}.\n")
    _print_commands(said, {fault.name: fault for fault in planted})


def _cell(command: str, fault: Fault, said: Said) -> str:
    found = "found" if is_found(command, fault, said) else "not found"
    shown = f"**{found}**" if command == fault.command else found
    alarms = false_alarms(fault, said)
    return f"{shown}, {alarms} false" if alarms else shown


def _print_commands(said: dict[str, dict[str, Said]], planted: dict[str, Fault]) -> None:
    print("| command | asked | found | false alarms | runs each | seconds each |")
    print("|---|---|---|---|---|---|")
    for command, answers in said.items():
        if not answers:
            continue
        found = sum(is_found(command, planted[name], one) for name, one in answers.items())
        alarms = sum(false_alarms(planted[name], one) for name, one in answers.items())
        runs = _spread([one.runs for one in answers.values()])
        seconds = _spread([round(one.seconds) for one in answers.values()])
        print(f"| `{command}` | {len(answers)} | {found} | {alarms} | {runs} | {seconds} |")


def _spread(values: Sequence[Any]) -> str:
    return f"{min(values)} to {max(values)}, median {statistics.median(values):g}"


if __name__ == "__main__":
    main()
