"""Tests that rely on an order say so to both plugins: an order, and one worker."""

import pytest

pytestmark = pytest.mark.xdist_group("story")


@pytest.mark.order(3)
def test_c():
    pass


@pytest.mark.order(1)
def test_a():
    pass


@pytest.mark.order("last")
def test_z():
    pass


@pytest.mark.order(2)
def test_b():
    pass


@pytest.mark.order(after="test_b")
def test_after_b():
    pass
