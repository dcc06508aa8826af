"""The worker's inbox, from both of its threads."""

from __future__ import annotations

import threading

import pytest

from pytest_markersteal.distribution.inbox import Inbox
from pytest_markersteal.distribution.protocol import (
    Gate,
    Hungry,
    Message,
    Park,
    ProtocolError,
    Recall,
    Recalled,
    Run,
    Step,
    Stop,
)


class Controller:
    """Answers each cry with the next of ``answers``, from a thread of its own."""

    def __init__(self, *answers: list[Message]) -> None:
        self.sent: list[Message] = []
        self._answers = list(answers)
        self.inbox = Inbox(self._on_message)

    def _on_message(self, message: Message) -> None:
        self.sent.append(message)
        if isinstance(message, Hungry) and self._answers:
            answer = self._answers.pop(0)
            threading.Thread(target=lambda: [self.inbox.receive(m) for m in answer]).start()


def test_tests_come_out_in_order_without_asking() -> None:
    """A worker with tests asks nobody."""
    controller = Controller()
    controller.inbox.receive(Run([3, 1]))
    assert [controller.inbox.next(), controller.inbox.next()] == [3, 1]
    assert controller.sent == []


def test_an_empty_queue_makes_the_worker_ask_and_wait() -> None:
    """The cry tells how many tests have come so far."""
    controller = Controller([Run([7])])
    controller.inbox.receive(Run([5]))
    assert controller.inbox.next() == 5
    assert controller.inbox.next() == 7
    assert controller.sent == [Hungry(1)]


def test_park_goes_before_tests_that_followed_it() -> None:
    """What was set up must be torn down although there is work again."""
    controller = Controller([Park(), Run([7])])
    assert controller.inbox.next() is None
    assert controller.inbox.wait() == 7


def test_recall_gives_back_what_has_not_started() -> None:
    """The reply may be empty."""
    controller = Controller()
    controller.inbox.receive(Run([1, 2, 3]))
    controller.inbox.next()
    controller.inbox.receive(Recall())
    controller.inbox.receive(Recall())
    assert controller.sent == [Recalled([2, 3]), Recalled([])]


def test_recall_by_name_leaves_the_rest() -> None:
    """What has started, or was never here, stays where it is."""
    controller = Controller()
    controller.inbox.receive(Run([1, 2, 3]))
    controller.inbox.next()
    controller.inbox.receive(Recall([1, 3, 9]))
    assert controller.sent == [Recalled([3])]
    assert controller.inbox.next() == 2


def test_a_worker_asks_again_when_the_answer_was_recalled() -> None:
    """Tests that came and went leave the worker as hungry as before."""
    controller = Controller([Run([7]), Recall()], [Run([8])])
    assert controller.inbox.next() in (7, 8)
    cries = [message for message in controller.sent if isinstance(message, Hungry)]
    assert len(cries) in (1, 2)


def test_stop_ends_the_wait_and_drops_what_is_queued() -> None:
    """After a stop nothing starts."""
    controller = Controller([Stop()])
    assert controller.inbox.next() is None
    assert controller.inbox.stopped
    controller.inbox.receive(Run([1]))
    assert controller.inbox.next() is None
    assert controller.inbox.wait() is None


def test_instances_are_kept_for_the_test() -> None:
    """They are handed out once, when the test starts."""
    controller = Controller()
    controller.inbox.receive(Run([1], {1: {"db": [0]}}))
    assert controller.inbox.instances(1) == {"db": [0]}
    assert controller.inbox.instances(1) == {}


def test_a_message_for_the_controller_is_refused() -> None:
    """A worker does not take what a worker sends."""
    with pytest.raises(ProtocolError, match="Step is no message for a worker"):
        Controller().inbox.receive(Step(None, None, 1, False))


def test_a_gate_keeps_a_worker_from_starting_but_not_from_knowing() -> None:
    """What comes next is needed for the teardown before it; it starts when the gate is opened."""
    inbox = Controller().inbox
    inbox.receive(Gate(1))
    inbox.receive(Run([5, 6, 7]))
    assert inbox.wait() == 5
    assert inbox.next() == 6
    assert not inbox.may_start()
    threading.Thread(target=lambda: inbox.receive(Gate(2))).start()
    assert inbox.wait_at_gate()
    assert inbox.may_start()


def test_a_gate_holds_a_parked_worker_too() -> None:
    """It has no test before, so it waits for the gate alone."""
    inbox = Controller().inbox
    inbox.receive(Gate(0))
    inbox.receive(Run([5]))
    threading.Thread(target=lambda: inbox.receive(Gate(1))).start()
    assert inbox.wait() == 5


def test_a_stop_ends_the_wait_at_a_gate() -> None:
    """The test behind it never starts."""
    inbox = Controller().inbox
    inbox.receive(Gate(1))
    inbox.receive(Run([5, 6]))
    assert [inbox.wait(), inbox.next()] == [5, 6]
    threading.Thread(target=lambda: inbox.receive(Stop())).start()
    assert not inbox.wait_at_gate()
    assert not inbox.may_start()
