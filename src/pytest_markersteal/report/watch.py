"""What watching a run has found, on the terminal: conflicts as they happen, and all at the end."""

from __future__ import annotations

import pytest

from pytest_markersteal.races.watch.common import thing_words, who
from pytest_markersteal.races.watch.concluding import fixture_words
from pytest_markersteal.races.watch.findings import (
    CONFLICT,
    KINDS,
    LATENT,
    LEAK,
    Finding,
    Remnant,
    Use,
    Watched,
)
from pytest_markersteal.races.watch.join import Clash
from pytest_markersteal.races.watch.join import Use as ClashingUse
from pytest_markersteal.races.watch.plugin import WatchPlugin
from pytest_markersteal.words import count, path_from

_LIVE = 3
"""How many pairs of tests are told for each thing as they happen; the summary has all."""
_NAMED = 4
"""How many tests are shown for each finding; the file has all."""

_TITLES = {
    CONFLICT: "used at the same time, and changed",
    LATENT: "used by several tests and changed, though not at the same time yet",
    LEAK: "left changed",
}


class WatchLines:
    """Registered where findings are told."""

    def __init__(self, plugin: WatchPlugin) -> None:
        self._plugin = plugin
        self._told: dict[tuple[str, str], list[frozenset[str]]] = {}
        """The pairs that were told, by thing."""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """Tell of conflicts as they happen, each pair once; the reporter has written its dot."""
        for clash in self._plugin.news():
            self._tell(clash)

    def _tell(self, clash: Clash) -> None:
        config = self._plugin.config
        reporter = config.pluginmanager.getplugin("terminalreporter")
        thing = clash.thing
        told = self._told.setdefault((thing.kind, thing.name), [])
        pair = frozenset((clash.one.owner.test, clash.other.owner.test))
        if reporter is None or config.get_verbosity() < 0 or pair in told or len(told) >= _LIVE:
            return
        told.append(pair)
        if config.get_verbosity() == 0:
            reporter.write("\n")  # It is in the midst of a line of dots.
        reporter.write_line(live_line(clash), yellow=True)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Write all findings below what pytest itself has to tell."""
        watched = self._plugin.watched
        if watched is None or config.get_verbosity() < -1:
            return
        terminalreporter.write_sep("-", "markersteal watch")
        for line in watch_lines(watched):
            terminalreporter.write_line(line, yellow=line.startswith((CONFLICT, "warning")))
        if self._plugin.path is not None:
            path = path_from(config.invocation_params.dir, self._plugin.path)
            terminalreporter.write_line(f"all of it: {path}")


def live_line(clash: Clash) -> str:
    """A conflict in one line."""
    return (
        f"markersteal watch: {clash.thing.words} is used by two tests at the same time: "
        f"{_who(clash.one)} and {_who(clash.other)}"
    )


def _who(use: ClashingUse) -> str:
    fixture = fixture_words(use.owner)
    name = f"{fixture} of {use.owner.test}" if fixture else use.owner.test
    return f"{name} on {use.source.worker} ({use.touch.how})"


def watch_lines(watched: Watched) -> list[str]:
    """All findings that are not doubtful, and what else is to be known."""
    lines = []
    apart = [thing_words(finding) for finding in watched.findings if finding.is_kept_apart]
    for kind in KINDS:
        for finding in watched.of_kind(kind):
            if not (finding.is_doubtful or finding.is_kept_apart):
                lines += [*finding_lines(finding), ""]
    if not lines:
        but = " without being kept apart" if apart else ""
        lines = [f"no test uses what another one changes{but}, and none leaves anything changed"]
    if apart:
        lines.append(f"kept apart by marks already: {', '.join(apart)}")
    doubtful = sum(finding.is_doubtful for finding in watched.findings)
    if doubtful:
        lines.append(
            f"{count(doubtful, 'thing')} more changed as such things do when they are first used, "
            "like caches"
        )
    if watched.processes:
        lines.append(
            f"other processes, into which nobody looks, were started by "
            f"{count(watched.processes, 'test')} or fixture{'' if watched.processes == 1 else 's'}"
        )
    lines += [f"warning: {one}" for one in watched.trouble]
    return lines


def finding_lines(finding: Finding) -> list[str]:
    """One finding: what it is about, the tests in columns, and what to do."""
    uses, remnants = _telling(finding), finding.remnants[:_NAMED]
    rows = [*map(_use_cells, uses), *map(_remnant_cells, remnants)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"{finding.kind}: {thing_words(finding)}: {_TITLES[finding.kind]}"]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        lines.append(f"    {'  '.join(cells)}".rstrip())
    shown = {one.test for some in (uses, remnants) for one in some}
    marked = set(finding.holders) - shown
    more = len(set(finding.tests) - shown - marked)
    if more > 0:
        lines.append(f"    and {count(more, 'test')} more")
    if marked:
        lines.append(f"    and {count(len(marked), 'test')} that have the mark")
    lines.append(f"  -> {_next_step(finding)}")
    return lines


def _telling(finding: Finding) -> list[Use]:
    """The uses that show it: the first that were at the same time; one of each test.

    Tests that have no mark yet come before those that have it.
    """
    holders = set(finding.holders)
    rest = sorted(range(len(finding.uses)), key=lambda at: finding.uses[at].test in holders)
    numbers = [*(number for pair in finding.overlaps for number in pair), *rest]
    shown: dict[tuple[str, str | None], Use] = {}
    for number in numbers:
        use = finding.uses[number]
        shown.setdefault((use.test, use.fixture), use)
    return list(shown.values())[:_NAMED]


def _use_cells(use: Use) -> tuple[str, ...]:
    when = f"{use.since_s:.3f} to {use.until_s:.3f} s"
    return who(use), use.worker, f"{use.how} in {use.phase}", when


def _remnant_cells(one: Remnant) -> tuple[str, ...]:
    when = f"in {one.phase}: " if one.phase else ""
    return who(one), one.worker, f"{when}{one.was} -> {one.now}"


def _next_step(finding: Finding) -> str:
    if not finding.mark:
        return finding.advice
    key = finding.mark.partition(":")[2]
    reading = ' (with mode="read" where they only read it)' if finding.readers else ""
    is_extended = 0 < len(finding.holders) < len(finding.tests)
    which = "those without it" if is_extended else "these tests"
    return f'mark {which} @pytest.mark.shared_resource("{key}"){reading}, {finding.advice}'
