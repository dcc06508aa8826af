import subprocess
import sys

import pytest
from shop import parallel


def test_thread():
    results = []
    parallel.in_thread(results)
    assert results == [1]


@pytest.mark.no_parallel
def test_process():
    subprocess.run([sys.executable, "-m", "shop.parallel"], check=True)
