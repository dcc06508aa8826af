"""The virtual clock, and the one process behind it."""

from __future__ import annotations

from functools import partial

from pytest_markersteal.simulate.clock import Clock, Controller, Costs


def test_actions_run_at_their_times_in_order() -> None:
    """Whatever the order in which they were planned."""
    clock = Clock()
    seen: list[tuple[str, float]] = []
    for name, delay_s in (("late", 2.0), ("early", 0.5), ("middle", 1.0)):
        clock.after(delay_s, lambda name=name: seen.append((name, clock.now_s)))
    clock.run()
    assert seen == [("early", 0.5), ("middle", 1.0), ("late", 2.0)]


def test_of_actions_at_the_same_time_the_first_planned_is_first() -> None:
    """So that a run is the same each time."""
    clock = Clock()
    seen: list[int] = []
    for number in range(20):
        clock.at(1.0, partial(seen.append, number))
    clock.run()
    assert seen == list(range(20))


def test_an_action_plans_more() -> None:
    """From its own time on; the clock stops with the last."""
    clock = Clock()
    clock.after(1.0, lambda: clock.after(0.5, lambda: None))
    clock.run()
    assert clock.now_s == 1.5


def test_the_controller_takes_messages_one_after_another() -> None:
    """Three sent at once arrive together, and each then takes its time."""
    clock = Clock()
    controller = Controller(clock, Costs(message_delay_s=1.0, event_s=0.25))
    seen: list[tuple[int, float]] = []
    for number in range(3):
        controller.receive(0, lambda number=number: seen.append((number, clock.now_s)))
    clock.after(10.0, lambda: controller.receive(0, lambda: seen.append((3, clock.now_s))))
    clock.run()
    assert seen == [(0, 1.25), (1, 1.5), (2, 1.75), (3, 11.25)]


def test_reports_take_the_controller_longer() -> None:
    """A message with those of two tests keeps what comes after it waiting."""
    clock = Clock()
    controller = Controller(clock, Costs(message_delay_s=1.0, event_s=0.25, report_s=2.0))
    seen: list[float] = []
    controller.receive(0, lambda: seen.append(clock.now_s), reports=2)
    controller.receive(0, lambda: seen.append(clock.now_s))
    clock.run()
    assert seen == [5.25, 5.5]


def test_messages_keep_their_order_however_little_each_takes() -> None:
    """And however close together they come."""
    clock = Clock()
    controller = Controller(clock, Costs(message_delay_s=0.1, event_s=1e-17))
    seen: list[int] = []
    for number in range(300):
        clock.after(number * 1e-16, partial(controller.receive, 0, partial(seen.append, number)))
    clock.run()
    assert seen == list(range(300))
