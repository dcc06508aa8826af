"""A pytest-xdist scheduler that knows what each test needs and how long it takes."""

from pytest_markersteal.holdings import Holding

__all__ = ["Holding", "__version__"]

__version__ = "0.1.0"
