"""Simulate runs of a suite: this scheduler's core under a virtual clock. No test is run.

Either modes are compared, beside xdist's own, on each number of workers of -n; all generated
workloads unless some are named. Or, with --workers or a what-if question, it is told how long runs
take on more and fewer workers, with other marks and other durations; of the newest trace here
unless a workload is named.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from pytest_markersteal.cli.progress import counted
from pytest_markersteal.cli.simulate import answers, comparing
from pytest_markersteal.cli.simulate.answers import Answer, Curve
from pytest_markersteal.cli.simulate.questions import add_questions, changed
from pytest_markersteal.cli.simulate.suites import Suite, newest, suite
from pytest_markersteal.cli.usage import (
    OK,
    WRONG_USAGE,
    UsageError,
    number,
    several_of,
    whole,
    wholes,
)
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import point
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.grid import MARKERSTEAL, MODES, Grid
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.workloads import Workload

HELP = "simulate runs: more workers, other marks, and xdist's own modes"
USAGE = "[WORKLOAD ...] [-n N[,N...] | --workers N[-N][,...]] [option ...]"

_DEFAULTS = Costs()


def _first_lines(functions: Mapping[str, Callable[..., object]]) -> str:
    width = max(map(len, functions))
    return "\n".join(
        f"  {name:{width}}  {(function.__doc__ or '').splitlines()[0]}"
        for name, function in functions.items()
    )


EPILOG = f"""\
workloads, besides traces and durations files:
{_first_lines(GENERATORS)}

histories, which are what markersteal knows of the durations before the run:
{_first_lines(HISTORIES)}

examples:
  markersteal simulate slow-last -n 4 --history exact,cold
  markersteal simulate .markersteal/durations.msgpack --workers 1-64
  markersteal simulate --without-key db --speedup 'tests/e2e/*=2' --workers 1-16

exit codes: {OK} done, {WRONG_USAGE} wrong usage
"""

_GENERATED = """\
these suites are generated ones; for your own, name a trace of it, or its durations file:
markersteal simulate .markersteal/durations.msgpack"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "suites",
        metavar="WORKLOAD",
        nargs="*",
        type=suite,
        help="generated workloads, see below; or your own suite, as a trace that a run left in "
        ".markersteal/runs, or as a durations file",
    )
    add_questions(parser)
    _add_comparison(parser)
    parser.add_argument(
        "--hosts",
        metavar="N",
        type=whole(1),
        help="on how many hosts the workers are, for keys with scope='host' (default: that of the "
        "trace, else 1)",
    )
    parser.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="the first seed (default: 0)"
    )
    _add_costs(parser)
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group("comparison of modes")
    own.add_argument(
        "-n",
        dest="numbers",
        metavar="N[,N...]",
        type=wholes(1),
        help="numbers of workers (default: that of the first trace, else 4)",
    )
    own.add_argument(
        "--mode",
        dest="modes",
        metavar="MODE[,...]",
        type=several_of(MODES),
        help=f"some of {', '.join(MODES)} (default: all; with --crash-rate {MARKERSTEAL})",
    )
    own.add_argument(
        "--history",
        dest="histories",
        metavar="H[,...]",
        type=several_of(HISTORIES),
        help=f"some of {', '.join(HISTORIES)} (default: exact), see below",
    )
    own.add_argument("--seeds", type=whole(1), metavar="N", help="how many seeds (default: 1)")
    own.add_argument(
        "--crash-rate",
        metavar="P",
        type=number(0, 1),
        help="the chance of each test to crash (default: 0)",
    )


def _add_costs(parser: argparse.ArgumentParser) -> None:
    def add(option: str, unit: str, default: float, text: str) -> None:
        parser.add_argument(
            option,
            metavar=unit,
            type=number(0),
            default=default,
            help=f"{text} (default: {default:g})",
        )

    delay_ms, event_us = _DEFAULTS.message_delay_s * 1e3, _DEFAULTS.event_s * 1e6
    add("--delay-ms", "MS", delay_ms, "a message's way between controller and worker")
    add("--event-us", "US", event_us, "the controller's time for one message")
    parser.add_argument(
        "--overhead-ms",
        metavar="MS",
        type=number(0),
        help="a worker's time around each test (default: in curves and what-if questions that of "
        "the trace, else 0)",
    )
    add("--start-s", "S", _DEFAULTS.start_s, "what a replacement for a crashed worker takes")


def run(chosen: argparse.Namespace) -> int:
    """Simulate and print."""
    asks = chosen.workers is not None or chosen.questions
    print(_answers(chosen) if asks else _comparison(chosen), flush=True)
    return OK


def _costs(chosen: argparse.Namespace, usual_overhead_s: float) -> Costs:
    overhead_ms = chosen.overhead_ms
    return Costs(
        chosen.delay_ms / 1e3,
        chosen.event_us / 1e6,
        usual_overhead_s if overhead_ms is None else overhead_ms / 1e3,
        chosen.start_s,
        chosen.crash_rate or 0.0,
    )


def _made(chosen: argparse.Namespace, asked_of: Suite, seed: int) -> Workload:
    workload = asked_of.make(seed)
    return workload if chosen.hosts is None else replace(workload, hosts=chosen.hosts)


# Comparison of modes


def _comparison(chosen: argparse.Namespace) -> str:
    grid = _grid(chosen)
    rows = list(counted(grid.rows(), len(grid), "runs simulated"))
    if chosen.json:
        return comparing.json_of(grid, rows)
    made = [] if chosen.suites else ["", _GENERATED]
    return _text([*comparing.lines_of(grid, rows), *made])


def _grid(chosen: argparse.Namespace) -> Grid:
    if chosen.modes is None:
        modes = [MARKERSTEAL] if chosen.crash_rate else list(MODES)
    elif chosen.crash_rate and chosen.modes != [MARKERSTEAL]:
        raise UsageError(
            f"argument --crash-rate: only {MARKERSTEAL} is simulated with crashes; leave out "
            f"--mode, or say --mode {MARKERSTEAL}"
        )
    else:
        modes = chosen.modes
    suites: list[Suite] = chosen.suites or list(map(suite, GENERATORS))
    usual = next((one.usual_workers for one in suites if one.ran), suites[0].usual_workers)
    seeds = range(chosen.seed, chosen.seed + (chosen.seeds or 1))
    return Grid(
        {one.name: partial(_made, chosen, one) for one in suites},
        chosen.numbers or [usual],
        modes,
        chosen.histories or ["exact"],
        seeds,
        _costs(chosen, _DEFAULTS.test_overhead_s),
    )


# Curves and what-if questions


def _answers(chosen: argparse.Namespace) -> str:
    for option, value in (
        ("-n", chosen.numbers),
        ("--mode", chosen.modes),
        ("--history", chosen.histories),
        ("--seeds", chosen.seeds),
        ("--crash-rate", chosen.crash_rate),
    ):
        if value is not None:
            raise UsageError(
                f"argument {option}: is for the comparison of modes; leave it out here, where "
                "--workers says on how many workers"
            )
    suites: list[Suite] = chosen.suites or [newest()]
    found = [_answer(chosen, one) for one in suites]
    if chosen.json:
        return answers.json_of(found)
    return "\n\n".join(_text(answers.lines_of(answer)) for answer in found)


def _answer(chosen: argparse.Namespace, asked_of: Suite) -> Answer:
    now = _made(chosen, asked_of, chosen.seed)
    wanted = [(now, asked_of.cpu)]
    if chosen.questions:
        then = changed(now, chosen.questions)
        wanted.append((then, asked_of.cpu and asked_of.cpu.changed(now, then)))
    counts = chosen.workers or [asked_of.usual_workers]
    costs = _costs(chosen, asked_of.overhead_s or 0.0)
    points = (point(one, workers, costs, cpu) for one, cpu in wanted for workers in counts)
    found = list(counted(points, len(wanted) * len(counts), "runs simulated"))
    curves = [
        Curve(one, found[number * len(counts) :][: len(counts)])
        for number, (one, _) in enumerate(wanted)
    ]
    return Answer(asked_of, chosen.questions, curves[0], curves[1] if chosen.questions else None)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines)
