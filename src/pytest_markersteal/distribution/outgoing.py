"""The core's commands as messages to workers, in the workers' own numbers."""

from __future__ import annotations

from pytest_markersteal.core import messages
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.collection import Numbering


def message_of(command: messages.Command, numbering: Numbering) -> protocol.Message:
    """``command`` for the worker that numbers tests by ``numbering``."""
    to_worker = numbering.to_worker
    match command:
        case messages.Run(_, tests, instances):
            held = {
                to_worker(test): {key: list(some) for key, some in by_key.items()}
                for test, by_key in instances.items()
            }
            return protocol.Run(list(map(to_worker, tests)), held)
        case messages.Gate(_, tests):
            return protocol.Gate(tests)
        case messages.Recall(_, tests):
            return protocol.Recall(list(map(to_worker, tests)))
        case messages.Park():
            return protocol.Park()
        case messages.Stop():
            return protocol.Stop()
