"""``markersteal propose --check``: a run of the suite, and what it says of each proposal."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_markersteal.cli.propose.stored import to_be_applied
from pytest_markersteal.cli.traces import read_trace
from pytest_markersteal.cli.usage import NOT_GOOD, OK, UsageError
from pytest_markersteal.races.propose.checking import GONE, verdict
from pytest_markersteal.races.propose.model import ADD
from pytest_markersteal.races.trials.model import Project, Trial
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.words import count

WORKERS = 2


def check(workers: int, arguments: Sequence[str]) -> int:
    """Run the suite in this folder with ``arguments`` on so many workers."""
    proposals = [one for one in to_be_applied(Path()).wanted if one.action == ADD]
    if not proposals:
        raise UsageError("nothing is proposed to be added, so there is nothing to check")
    with tempfile.TemporaryDirectory(
        prefix="markersteal-check-", ignore_cleanup_errors=True
    ) as scratch:
        try:
            ran = Trials(Project(Path(), arguments), Path(scratch)).run(Trial(workers=workers))
        except TrialError as error:
            raise UsageError(str(error)) from error
        if ran.trace is None:
            raise UsageError("the run left no trace; is --dist markersteal possible here?")
        trace = read_trace(ran.trace)
        verdicts = [verdict(proposal, trace, ran.results) for proposal in proposals]
    for one in verdicts:
        about = f" ({one.proposal.thing})" if one.proposal.thing else ""
        print(f"{one.state}: {one.proposal.mark.as_python}{about}: {one.why}")
    gone = sum(one.state == GONE for one in verdicts)
    print(f"{gone:,} of {count(len(verdicts), 'conflict')} gone, in one run of {ran.seconds:.1f} s")
    return OK if gone == len(verdicts) else NOT_GOOD
