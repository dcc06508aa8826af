"""The plugins of the matrix: pinned versions, and what their suites exercise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import plugin_products as products
from environments import Environment
from plugin_products import Run
from suites import TOOLS


@dataclass(frozen=True)
class Case:
    """A plugin, and the name of its suite in ``plugin_suites``.

    ``requirements`` are the plugin itself and what its suite needs beside it; ``product`` is what
    it produces in a run, beside the outcomes of tests.
    """

    suite: str
    requirements: tuple[str, ...]
    exercised: str
    args: tuple[str, ...] = ()
    product: Callable[[Run], object] = products.pairs
    needs_postgresql: bool = False
    tools: tuple[str, ...] = TOOLS
    """pytest, pytest-xdist and what they need."""

    @property
    def plugin(self) -> str:
        """Its name on the package index."""
        return self.requirements[0].partition("==")[0]

    @property
    def version(self) -> str:
        """The version that is pinned."""
        return self.requirements[0].partition("==")[2]

    @property
    def environment(self) -> Environment:
        """Where it is installed."""
        return Environment(f"plugins/{self.plugin}", self.requirements, True, self.tools)


CASES = (
    Case(
        "cov",
        ("pytest-cov==7.1.0", "coverage==7.17.3"),
        "branches, threads and processes; which test ran which line",
        ("--cov=shop", "--cov-context=test", "--cov-report=json"),
        products.coverage,
    ),
    Case(
        "asyncio",
        ("pytest-asyncio==1.5.0",),
        "loops and fixtures of function, module and session; a server; tests that fail",
    ),
    Case(
        "anyio",
        ("anyio==4.16.0", "trio==0.35.0"),
        "asyncio and trio; fixtures of module and session; task groups",
    ),
    Case(
        "trio",
        ("pytest-trio==0.8.0", "trio==0.35.0"),
        "nurseries, fixtures that serve, the clock that jumps",
    ),
    Case(
        "django",
        ("pytest-django==4.14.0", "django==5.2.19"),
        "a database for each worker, transactions, `TestCase`, live server, client",
    ),
    Case(
        "rerunfailures",
        ("pytest-rerunfailures==16.7",),
        "reruns by option and mark, of tests and fixtures; number of reruns",
        ("--reruns=2",),
    ),
    Case(
        "randomly",
        ("pytest-randomly==5.1.0",),
        "one seed: the numbers that each test draws",
        ("--randomly-seed=7",),
    ),
    Case(
        "random-order",
        ("pytest-random-order==1.2.0",),
        "one seed; modules and classes that keep their order",
        ("--random-order-seed=7", "--random-order-bucket=module"),
    ),
    Case(
        "order",
        ("pytest-order==1.5.0",),
        "numbers, first and last, before and after; order within a group and a key",
        product=products.order,
    ),
    Case(
        "dependency",
        ("pytest-dependency==0.6.1",),
        "chains in a group, over modules, and on a test that fails",
        product=products.order,
    ),
    Case(
        "timeout",
        ("pytest-timeout==2.4.0",),
        "tests and fixtures that hang end by themselves, all others run",
    ),
    Case(
        "benchmark",
        ("pytest-benchmark==5.3.1",),
        "results as JSON, pedantic mode",
        ("--benchmark-json=benchmark.json",),
        products.benchmarks,
    ),
    Case(
        "mock",
        ("pytest-mock==3.17.0",),
        "clocks, `os`, `open` and threads patched; mocks of module and session",
    ),
    Case(
        "bdd",
        ("pytest-bdd==9.0.1",),
        "scenarios, outlines, tags as marks; Cucumber's JSON",
        ("--cucumberjson=cucumber.json",),
        products.cucumber,
    ),
    Case(
        "subtests",
        ("pytest==9.2.0",),
        "its own subtests: the fixture, and those of `unittest`; reports of each",
    ),
    Case(
        "subtests",
        ("pytest-subtests==0.15.0",),
        "with pytest 8.4.2: the fixture, and subtests of `unittest`; reports of each",
        tools=("pytest==8.4.2", *TOOLS[1:]),
    ),
    Case(
        "html",
        ("pytest-html==4.2.0",),
        "results, logs and extras of the page",
        ("--html=report.html", "--self-contained-html"),
        products.html_report,
    ),
    Case(
        "reportlog",
        ("pytest-reportlog==1.0.0",),
        "all reports with properties, output and keywords",
        ("--report-log=report.jsonl",),
        products.report_log,
    ),
    Case(
        "json-report",
        ("pytest-json-report==1.5.0",),
        "stages, output, warnings, metadata of fixture and hook",
        ("--json-report",),
        products.json_report,
    ),
    Case(
        "split",
        ("pytest-split==0.11.0",),
        "the second of three groups; the durations that are stored",
        ("--splits=3", "--group=2", "--store-durations"),
        products.stored_durations,
    ),
    Case("repeat", ("pytest-repeat==0.9.4",), "by option and by mark", ("--count=3",)),
    Case(
        "postgresql",
        ("pytest-postgresql==10.0.0", "psycopg[binary]==3.3.9"),
        "a database for each worker and test on one server, from a template",
        needs_postgresql=True,
    ),
    Case(
        "hypothesis",
        ("hypothesis==6.170.15",),
        "properties, a state machine, falsifying examples, statistics",
        ("--hypothesis-show-statistics",),
        products.statistics,
    ),
    Case(
        "syrupy",
        ("syrupy==7.0.2",),
        "snapshots written, changed and removed, of three kinds of files",
        ("--snapshot-update",),
        products.snapshots,
    ),
    Case(
        "allure",
        ("allure-pytest==2.16.2",),
        "steps, attachments, fixtures, labels and links of the results",
        ("--alluredir=allure",),
        products.allure_results,
    ),
    Case(
        "playwright",
        ("pytest-playwright==0.10.0",),
        "options and fixtures of both beside each other, no browser",
        ("--browser=chromium",),
    ),
)
