import pytest
from hypothesis import event, example, given, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule


@pytest.mark.parametrize("number", range(6))
@given(strategies.lists(strategies.integers()))
def test_sorted(number, values):
    event("empty" if not values else "some")
    assert values[::-1][::-1] == values


@pytest.mark.shared_resource("key")
@given(strategies.integers())
@example(7)
def test_that_fails(value):
    assert value < 100, f"the least is {value}"


@pytest.mark.serial
@given(strategies.text())
def test_text(text):
    assert text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") == text


class Counter(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.value = 0

    @rule(step=strategies.integers(min_value=1, max_value=3))
    def count(self, step):
        self.value += step

    @invariant()
    def is_positive(self):
        assert self.value >= 0


TestCounter = Counter.TestCase


@pytest.mark.parametrize("number", range(8))
def test_plain(number):
    pass
