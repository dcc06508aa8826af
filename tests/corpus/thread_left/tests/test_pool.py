import threading

import pytest
from jobs.pool import do_all


@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_results_come_in_order(count):
    assert do_all([lambda number=number: number for number in range(count)]) == [*range(count)]


def test_an_error_is_raised():
    with pytest.raises(ZeroDivisionError):
        do_all([lambda: 1 / 0])


def test_jobs_run_at_the_same_time():
    both = threading.Barrier(2, timeout=10)
    assert sorted(do_all([both.wait, both.wait])) == [0, 1]


def test_many_threads():
    names = do_all([lambda: threading.current_thread().name] * 3, threads=3)
    assert threading.main_thread().name not in names
