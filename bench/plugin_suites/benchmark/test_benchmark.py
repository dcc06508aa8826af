import pytest


@pytest.mark.parametrize("number", range(8))
def test_sum(benchmark, number):
    assert benchmark(sum, range(number)) == number * (number - 1) // 2


@pytest.mark.benchmark(group="sorting", max_time=0.1)
@pytest.mark.no_parallel
def test_alone(benchmark):
    assert benchmark(sorted, [3, 1, 2]) == [1, 2, 3]


def test_pedantic(benchmark):
    called = []
    benchmark.pedantic(called.append, args=(1,), rounds=3, iterations=2)
    assert called


@pytest.mark.parametrize("number", range(8))
def test_without(number):
    pass
