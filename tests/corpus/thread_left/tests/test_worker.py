import threading

import pytest
from jobs.worker import Worker


@pytest.fixture
def worker():
    worker = Worker().start()
    yield worker
    worker.stop()


@pytest.fixture(scope="module")
def long_worker():
    """One for all tests of this module."""
    worker = Worker().start()
    yield worker
    worker.stop()


def test_a_worker_does_the_job():
    done = []
    worker = Worker().start()
    worker.do(lambda: done.append("job"))
    worker.join()
    assert done == ["job"]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_jobs_are_done_in_order(count, worker):
    done = []
    for number in range(count):
        worker.do(lambda number=number: done.append(number))
    worker.join()
    assert done == [*range(count)]


@pytest.mark.parametrize("name", ["first", "second"])
def test_the_long_worker(name, long_worker):
    done = []
    long_worker.do(lambda: done.append(name))
    long_worker.join()
    assert done == [name]


def test_jobs_run_elsewhere(worker):
    names = []
    worker.do(lambda: names.append(threading.current_thread().name))
    worker.join()
    assert names == ["jobs-worker"]


def test_a_timer_that_is_cancelled():
    timer = threading.Timer(60, print)
    timer.start()
    timer.cancel()
    timer.join()
    assert not timer.is_alive()
